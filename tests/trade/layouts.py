"""Small files in the layouts that the publishers use; the figures in them are invented."""

from __future__ import annotations

from pathlib import Path

BACI_HEADER = "t,i,j,k,v,q"
BACI_ROWS = (
    "2022,792,398,270900,1500.25,3000",
    "2022,792,398,010121,2.5,          NA",
    "2022,398,792,720825,10,20.5",
    "2022,490,842,854231,100,1",
    "2022,757,251,710812,7,0.1",
    "2022,711,699,999999,3,4",
)
"""Türkiye, Kazakhstan; Other Asia nes, USA; Switzerland, France; the customs union, India."""

BACI_COUNTRIES = """country_code,country_name,country_iso2,country_iso3
792,Türkiye,TR,TUR
490,"Other Asia, nes",N/A,S19
951,Newly listed place,,QNL
"""
BACI_PRODUCTS = """code,description
010121,"Horses; live, pure-bred breeding animals"
270900,Oils; petroleum oils and oils obtained from bituminous minerals
720825,Iron or non-alloy steel
710812,Metals; gold
854231,Electronic integrated circuits
999999,Commodities not specified
"""

ITPD_E = """exporter_iso3,exporter_dynamic_code,exporter_name,importer_iso3,importer_dynamic_code,\
importer_name,year,industry_id,industry_descr,broad_sector,trade,flag_mirror,flag_zero
TUR,TUR,Turkey,KAZ,KAZ,Kazakhstan,2019,1,Wheat,Agriculture,1.5,0,p
TUR,TUR,Turkey,TUR,TUR,Turkey,2019,1,Wheat,Agriculture,4000,0,p
KAZ,KAZ,Kazakhstan,TUR,TUR,Turkey,2019,30,"Oil, crude",Mining and Energy,250.25,1,p
KAZ,KAZ,Kazakhstan,GEO,GEO,Georgia,2019,30,"Oil, crude",Mining and Energy,0,0,u
"""

COMTRADE_API_HEADER = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,flowCode,"
    "partnerCode,partnerISO,partner2Code,classificationCode,cmdCode,aggrLevel,customsCode,mosCode,"
    "motCode,qty,netWgt,grossWgt,cifvalue,fobvalue,primaryValue,isReported,isAggregate"
)


def comtrade_api(*rows: str) -> str:
    """Write API rows given as reporter,flow,partner,partner2,product,customs,mode,kg,usd."""
    lines = [COMTRADE_API_HEADER]
    for row in rows:
        r, flow, p, p2, k, customs, mode, kg, usd = row.split(",")
        lines.append(
            f"C,A,20220101,2022,52,2022,{r},,{flow},{p},,{p2},H6,{k},6,{customs},0,{mode},,{kg},,,,"
            f"{usd},true,false"
        )
    return "\n".join(lines) + "\n"


COMTRADE_API = comtrade_api(
    "792,X,398,0,270900,C00,0,1000,5",
    "792,X,398,0,270900,C00,2100,600,3",
    "792,X,0,0,270900,C00,0,1000,5",
    "792,X,398,0,27,C00,0,1000,5",
    "792,X,398,0,TOTAL,C00,0,,5",
    "792,RX,398,0,270900,C00,0,10,0.5",
    "398,M,792,0,270900,C00,0,1100,6.5",
    "398,M,899,0,270900,C00,0,100,0.25",
)
COMTRADE_LEGACY = """Classification,Year,Period,Period Desc.,Aggregate Level,Is Leaf Code,\
Trade Flow Code,Trade Flow,Reporter Code,Reporter,Reporter ISO,Partner Code,Partner,Partner ISO,\
Commodity Code,Commodity,Qty Unit Code,Qty Unit,Qty,Netweight (kg),Trade Value (US$),Flag
H5,2018,2018,2018,6,1,2,Export,792,Turkey,TUR,398,Kazakhstan,KAZ,270900,"Oil, crude",8,kg,1,2000,9,0
H5,2018,2018,2018,6,1,1,Import,398,Kazakhstan,KAZ,792,Turkey,TUR,270900,"Oil, crude",8,kg,1,,8,0
H5,2018,2018,2018,6,1,1,Import,398,Kazakhstan,KAZ,0,World,WLD,270900,"Oil, crude",8,kg,1,,8,0
"""

WITS_BULK = """NomenCode,Reporter_ISO_N,Year,ProductCode,Sum_Of_Rates,Min_Rate,Max_Rate,\
SimpleAverage,Nbr_NA_Lines,Nbr_Free_Lines,Nbr_AVE_Lines,Nbr_Dutiable_Lines,TotalNoOfValidLines,\
TotalNoOfLines,EstCode
H5,792,2021,010121,10,10,10,10,0,0,0,1,1,1,E
H5,792,2021,010129,40,20,20,20,0,0,0,2,2,2,E
H5,918,2021,270900,0,0,0,0,0,1,0,0,1,1,E
"""
WITS_QUERY = """Selected Nomen,Native Nomen,Reporter,Reporter Name,Product,Product Name,Partner,\
Partner Name,Tariff Year,Trade Year,Trade Source,DutyType,Simple Average,Weighted Average
H5,H5,792,Turkey,010121,Horses,398,Kazakhstan,2021,2021,CTRD,AHS,4,4
H5,H5,792,Turkey,010121,Horses,000,World,2021,2021,CTRD,MFN,10,10
"""
MACMAP = """importer,exporter,hs6,year,ave
TUR,KAZ,010121,2019,0.04
TUR,KAZ,010129,2019,0.08
"""
GRAVITY = """year,country_id_o,country_id_d,iso3_o,iso3_d,country_exists_o,country_exists_d,dist,\
contig,main_city_source_o
2020,TUR,KAZ,TUR,KAZ,1,1,3000.5,0,UN
2020,KAZ,TUR,KAZ,TUR,1,1,3000.5,0,UN
1980,DEU.1,TUR,DEU,TUR,0,1,,0,
1980,SUN,TUR,SUN,TUR,1,1,1753,1,UN
"""
ICIO = """V1,TUR_A01,TUR_C20,CN1_A01,CN2_A01,ROW_A01,TUR_HFCE,TUR_INVNT,CHN_HFCE,ROW_HFCE,OUT
TUR_A01,10,20,3,4,5,60,-7,0,1,96
TUR_C20,1,2,3,4,5,6,0,0,0,21
CN1_A01,1,0,3,4,5,0,0,7,0,20
CN2_A01,2,0,3,4,5,0,0,7,0,21
ROW_A01,1,2,3,4,5,6,0,0,9,30
TLS,1,1,1,1,1,1,0,1,1,8
VA,80,-4,4,0,4,0,0,0,0,84
OUT,96,21,20,21,30,73,-7,15,11,280
"""
PLAIN = """exporter,importer,sector,year,value,unit
TUR,KAZ,grain,2020,5,million USD
KAZ,TUR,grain,2020,7500,thousand USD
TUR,TUR,grain,2020,0.25,billion USD
"""


def write(folder: Path, name: str, content: str) -> Path:
    """Write a file and give its path."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def baci(*rows: str) -> str:
    """Write rows under BACI's header."""
    return "\n".join((BACI_HEADER, *rows)) + "\n"
