"""Countries as the till names them → ISO 3166 alpha-2.

Branches and VAT groups carry alpha-3 codes; relations carry free text, of which the
codes and the usual Dutch, English and own names of the countries around are known.
"""

from __future__ import annotations

# Alpha-3 and alpha-2: all of Europe and the usual others (ISO 3166-1).
_CODES = (
    "ABW:AW ALB:AL AND:AD ARE:AE ARG:AR ARM:AM AUS:AU AUT:AT AZE:AZ BEL:BE "
    "BES:BQ BGR:BG BIH:BA BLR:BY BRA:BR CAN:CA CHE:CH CHL:CL CHN:CN COL:CO "
    "CUW:CW CYP:CY CZE:CZ DEU:DE DNK:DK EGY:EG ESP:ES EST:EE FIN:FI FRA:FR "
    "FRO:FO GBR:GB GEO:GE GGY:GG GIB:GI GRC:GR GRL:GL GUF:GF GLP:GP HKG:HK "
    "HRV:HR HUN:HU IDN:ID IMN:IM IND:IN IRL:IE ISL:IS ISR:IL ITA:IT JEY:JE "
    "JPN:JP KAZ:KZ KOR:KR LIE:LI LTU:LT LUX:LU LVA:LV MAR:MA MCO:MC MDA:MD "
    "MEX:MX MKD:MK MLT:MT MNE:ME MTQ:MQ MYS:MY NLD:NL NOR:NO NZL:NZ PHL:PH "
    "POL:PL PRT:PT REU:RE ROU:RO RUS:RU SAU:SA SGP:SG SMR:SM SRB:RS SUR:SR "
    "SVK:SK SVN:SI SWE:SE SXM:SX THA:TH TUN:TN TUR:TR TWN:TW UKR:UA USA:US "
    "VAT:VA VNM:VN XKX:XK ZAF:ZA"
)
_BY_ALPHA_3 = dict(pair.split(":") for pair in _CODES.split())
_ALPHA_2 = frozenset(_BY_ALPHA_3.values())

_NAMES = {
    "AT": "oostenrijk austria österreich",
    "BE": "belgië belgie belgium belgique belgien",
    "BG": "bulgarije bulgaria",
    "CH": "zwitserland switzerland schweiz suisse svizzera",
    "CY": "cyprus",
    "CZ": "tsjechië tsjechie czechia",
    "DE": "duitsland germany deutschland allemagne",
    "DK": "denemarken denmark danmark",
    "EE": "estland estonia",
    "ES": "spanje spain españa espana",
    "FI": "finland",
    "FR": "frankrijk france frankreich",
    "GB": "engeland schotland uk",
    "GR": "griekenland greece el",
    "HR": "kroatië kroatie croatia",
    "HU": "hongarije hungary",
    "IE": "ierland ireland",
    "IT": "italië italie italy italia",
    "LT": "litouwen lithuania",
    "LU": "luxemburg luxembourg",
    "LV": "letland latvia",
    "MT": "malta",
    "NL": "nederland netherlands holland niederlande",
    "NO": "noorwegen norway norge",
    "PL": "polen poland polska",
    "PT": "portugal",
    "RO": "roemenië roemenie romania",
    "SE": "zweden sweden sverige",
    "SI": "slovenië slovenie slovenia",
    "SK": "slowakije slovakia",
    "TR": "turkije turkey türkiye",
    "US": "usa",
}
_BY_NAME = {name: code for code, names in _NAMES.items() for name in names.split()} | {
    "the netherlands": "NL",
    "verenigd koninkrijk": "GB",
    "groot-brittannië": "GB",
    "united kingdom": "GB",
    "great britain": "GB",
    "czech republic": "CZ",
    "verenigde staten": "US",
    "united states": "US",
    "united states of america": "US",
}


def from_alpha_3(code: str) -> str:
    """NLD → NL. Unknown codes give ""."""
    return _BY_ALPHA_3.get(code.strip().upper(), "")


def from_text(text: str) -> str:
    """A country as typed by people: code or name. What is not known gives ""."""
    text = text.strip().strip(".")
    upper = text.upper()
    if upper in _ALPHA_2:
        return upper
    return _BY_ALPHA_3.get(upper) or _BY_NAME.get(text.lower(), "")
