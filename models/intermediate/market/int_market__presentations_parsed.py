"""Presentation and pack texts of all markets: form, strength, units per pack and molecule, or the reason why not.

Grain: one row per language, molecule text, product text and pack text.

Columns, in order:
    text_id             bigint, hash of language and the three texts
    form_code           string, tablet, capsule, oral_liquid, injection, pen, inhaler, patch, cream, drops,
                        suppository, sachet or spray
    counting_unit       string, piece, ml, g or dose: what a pack's units are counted in
    units_per_pack      double, counting units of a pack, its containers multiplied
    containers          double, bottles, cartridges or blisters of a pack
    strength_mg         double, mg of the first ingredient in `strength_per`
    strength_per        double, counting units that hold it: 1, or millilitres such as 5 for 250 mg per 5 ml
    strength_per_unit   string, piece, ml, g, dose or hour
    count_strengths     int, ingredients that have a strength
    molecule_name       string, known molecule, salts stripped and translated, combinations in the order of letters
    molecule_match      string, name, brand or prefix: what was found
    form_reason         string, NO_TEXT or NO_FORM where there is no form
    strength_reason     string, NO_TEXT, NO_STRENGTH or UNIT_NOT_MASS
    pack_reason         string, NO_TEXT, NO_PACK or AMBIGUOUS_PACK
    molecule_reason     string, NO_TEXT or UNKNOWN_MOLECULE

Texts are English (en, and us for names cut to ten characters), French (fr) and Portuguese (pt). What is not
recognised gets a reason. Nothing is guessed: a text with two packs is ambiguous, and not its first. Source: the
publishers' own wording (dm+d and PBS names, the French public drug database, ANVISA's controlled vocabulary of forms
and packages), of which the rules below are a part.
"""

import re
import unicodedata

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

NUMBER = r"(\d+(?:\.\d+)?)"
MASS_IN_MG = {"kg": 1_000_000.0, "g": 1000.0, "mg": 1.0, "mcg": 0.001, "ng": 0.000001}
UNIT_WORDS = (
    (r"micro ?grammes?|micro ?grams?|microg\b|[µμ]g|ug\b", "mcg"),
    (r"nano ?grammes?|nano ?grams?", "ng"),
    (r"milli ?grammes?|milli ?grams?", "mg"),
    (r"grammes?\b|grams?\b|gram\b", "g"),
    (r"millilitres?|milliliters?", "ml"),
    (r"\bui\b|\biu\b|unites? internationales?|international units?|\bunites?\b|\bunits?\b", "unit"),
)
"""Words that stand for a unit, in all languages, after accents are gone."""

STRENGTH = re.compile(
    NUMBER
    + r"\s*(kg|mg|mcg|ng|g|unit|mmol|%)(?![a-z])"
    + r"(?:\s*\([^)]*\))?"
    + r"(?:\s*(?:/|per|in|pour|par)\s*(?:"
    + NUMBER
    + r"\s*(ml|dose|h\b|hours?|heures?)|(ml|g|dose|actuation|h\b|hour|heure)(?![a-z])))?"
)
"""A number with a unit, and what it is in: 250 mg/5 ml, 6 mg/ml, 1 %, 25 mcg per hour."""

FORMS = {
    "en": (
        (r"\b(pen|pens|autoinjector|auto-injector|flexpen|kwikpen)\b", "pen"),
        (r"\btransdermal\b|\bpatch(es)?\b", "patch"),
        (r"\bsuppos", "suppository"),
        (r"\b(eye|ear|nasal) ?drops?\b|\beye oint", "drops"),
        (r"\b(nasal )?spray\b", "spray"),
        (r"\binhal|\baccuhaler|\bturbohaler|\baerosol\b|\bpuff|\bevohaler", "inhaler"),
        (
            r"\boral (susp|soln|solution|liq|liquid|drops)|\bsyrup\b|\belixir\b|\blinctus\b|\bmixture\b|\bpowder for oral",
            "oral_liquid",
        ),
        (r"\binj|\bvial|\bampoule|\binfusion\b|\bsyringe", "injection"),
        (r"\btab(let)?s?\b|\bcaplets?\b|\blozenges?\b|\bmelt", "tablet"),
        (r"\bcap(sule)?s?\b", "capsule"),
        (r"\bcream\b|\bcrm\b|\bointment\b|\boint\b|\bgel\b|\blotion\b", "cream"),
        (r"\bsachets?\b|\bgranules?\b|\bgran\b|\boral (powder|pdr)", "sachet"),
    ),
    "fr": (
        (r"\bstylos?\b", "pen"),
        (r"transdermique|\bpatchs?\b|\btimbres?\b", "patch"),
        (r"suppositoire", "suppository"),
        (r"collyre|ophtalmique|auriculaire", "drops"),
        (r"pulverisation nasale|\bspray\b", "spray"),
        (r"inhalation|aerosol", "inhaler"),
        (r"(suspension|solution|poudre|gouttes?)[a-z ]* buvable|\bsirop\b", "oral_liquid"),
        (r"injectable|perfusion", "injection"),
        (r"comprime", "tablet"),
        (r"gelule|\bcapsules?\b", "capsule"),
        (r"\bcreme\b|\bpommade\b|\bgel\b", "cream"),
        (r"\bsachet|granule|poudre orale", "sachet"),
    ),
    "pt": (
        (r"\bades\b|\btransd", "patch"),
        (r"\bsup\b", "suppository"),
        (r"\b(sus|sol|pom) (oft|otol|nas)\b|\bcol\b", "drops"),
        (r"\b(aer|inal|po inal|sus aer|spr)\b", "inhaler"),
        (r"\b(po |gran )?(sus|sol|po sol) or\b|\bxpe\b|\bxarope\b|\bsol got\b", "oral_liquid"),
        (r"\b(sol|po|sus|po liof|po liof sol) (dil )?(inj|infus)\b|\binj\b", "injection"),
        (r"\bcap\b", "capsule"),
        (r"\bcom\b|\bdrg\b|\bpas\b", "tablet"),
        (r"\bcrem?\b|\bcreme\b|\bpom\b|\bgel\b", "cream"),
        (r"\bgran\b|\bpo or\b|\benv\b", "sachet"),
    ),
}
"""Words of each form, the more special ones first. Texts are without accents and in lower case."""

SALTS = {
    "en": (
        r"hydrochloride|hydrobromide|hydrochlor|sodium|calcium|potassium|magnesium|sul(?:f|ph)ate|phosphate|maleate|"
        r"mesilate|mesylate|besilate|besylate|tartrate|citrate|fumarate|acetate|succinate|bromide|chloride|"
        r"(?:mono|di|tri|penta|hemi|sesqui)?hydrate|trihydrate|anhydrous|propionate|valerate|medoxomil|arginine|erbumine|tosilate"
    ),
    "fr": (
        r"chlorhydrate|bromhydrate|sulfate|phosphate|maleate|mesilate|besilate|tartrate|citrate|fumarate|acetate|"
        r"succinate|sodique|calcique|potassique|magnesique|disodique|anhydre|(?:mono|di|tri|penta|hemi)?hydrate[e]?|"
        r"d'|de|du|la"
    ),
    "pt": (
        r"cloridrato|bromidrato|sulfato|fosfato|maleato|mesilato|besilato|tartarato|citrato|fumarato|acetato|"
        r"succinato|sodi[co]+|calci[co]+|potassi[co]+|magnesi[co]+|dissodi[co]+|anidr[ao]|"
        r"(?:mono|di|tri|penta|hemi)?-?idratad[ao]|(?:mono|di|tri|penta)?-?hidratad[ao]|pentaidratado|de|do|da"
    ),
}
"""Words that name a salt or a hydrate, and the little words between."""

FR_NOUNS = r"comprime|gelule|capsule|suppositoire|dispositif|sachet|ampoule|unidose|seringue|stylo|ovule|pastille|dose|ml|g\b|film"
PT_CONTAINERS = r"fr|amp|bg|env|sach|ser|bl|ca|est|carp|strip|fa|tb|bolsa"

Parsed = dict[str, object]


def parse(language: str, molecule_text: str | None, product_text: str | None, pack_text: str | None) -> Parsed:
    """All that the texts of one product say. `language` is en, us, fr or pt."""
    words = "en" if language == "us" else language
    product, pack = _plain(product_text, words), _plain(pack_text, words)
    if language == "us":
        # Ten characters of a name: there is nothing but the name in them.
        parsed: Parsed = {"form_reason": "NO_FORM", "strength_reason": "NO_STRENGTH", "pack_reason": "NO_PACK"}
    else:
        parsed = {**_form(product, pack, words), **_strength(product, words), **_pack(product, pack, words)}
    parsed["candidates"] = molecule_candidates(language, molecule_text, product_text)
    if not product:
        parsed |= {"form_reason": "NO_TEXT", "strength_reason": "NO_TEXT"}
    if not (product or pack):
        parsed["pack_reason"] = "NO_TEXT"
    return parsed


def molecule_candidates(language: str, molecule_text: str | None, product_text: str | None) -> list[str]:
    """Normalised names to look up, the best first: what the feed calls the molecule, then the product's name."""
    words = "en" if language == "us" else language
    found = []
    for text in (molecule_text, _name_before_strength(product_text)):
        name = normalise_molecule(text, words) if text else ""
        if name and name not in found:
            found.append(name)
    return found


def normalise_molecule(text: str, language: str) -> str:
    """A molecule's name without salts, accents and order: parts of a combination sorted, ` + ` between."""
    plain = re.sub(r"\([^)]*\)", " ", _without_accents(text))
    parts = re.split(r"\s*(?:\+|/|;|\band\b|\bwith\b|\bet\b|,)\s*", plain)
    stripped = (_without_salts(part, language) for part in parts)
    return " + ".join(sorted(part for part in stripped if part))


def _without_salts(part: str, language: str) -> str:
    kept = re.sub(rf"(?<![a-z-])(?:{SALTS[language]})(?![a-z-])|\bd'", " ", part)
    kept = re.sub(r"[^a-z0-9' -]", " ", kept)
    name = " ".join(kept.split())
    # Where nothing is left the salt is the molecule: calcium, potassium chloride.
    return name or " ".join(re.sub(r"[^a-z0-9 -]", " ", part).split())


def _name_before_strength(text: str | None) -> str | None:
    """The name that a product's text begins with."""
    if not text:
        return None
    head = re.split(r"_|,|\d", text, maxsplit=1)[0]
    return re.sub(r"(?i)\b(tablets?|capsules?|caps?|tabs?|oral|cream|ointment|inhaler)\b.*$", "", head).strip() or None


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("’", "'"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _plain(text: str | None, language: str) -> str:
    """Lower case, no accents, a point for the decimal comma, one spelling for each unit."""
    if not text:
        return ""
    plain = _without_accents(text).replace("_", " ")
    if language in ("fr", "pt"):
        plain = re.sub(r"(?<=\d),(?=\d)", ".", plain)
    plain = re.sub(r"(?<=\d)[  ](?=\d{3}\b)", "", plain)
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", plain)
    for words, unit in UNIT_WORDS:
        plain = re.sub(rf"(?<![a-z])(?:{words})", unit, plain)
    return " ".join(plain.split())


def _form(product: str, pack: str, language: str) -> Parsed:
    for text in (product, pack):
        for pattern, form in FORMS[language]:
            if re.search(pattern, text):
                return {"form_code": form}
    return {"form_reason": "NO_FORM"}


def _strength(product: str, language: str) -> Parsed:
    text = re.split(r"\bct\b|\bx\b", product)[0] if language == "pt" else product
    found = list(STRENGTH.finditer(text))
    if not found:
        return {"strength_reason": "NO_STRENGTH"}
    first = found[0]
    value, unit, per_value, per_unit, bare_unit = first.groups()
    where = (per_unit or bare_unit or "piece").rstrip("s")
    where = {"h": "hour", "heure": "hour", "actuation": "dose"}.get(where, where)
    if unit == "%":
        # Grams in a hundred millilitres.
        return {
            "strength_mg": float(value) * 10,
            "strength_per": 1.0,
            "strength_per_unit": "ml",
            "count_strengths": len(found),
        }
    if unit not in MASS_IN_MG:
        return {"strength_reason": "UNIT_NOT_MASS"}
    if where == "piece" and len(found) > 1 and found[-1][3]:
        # 250 mg + 62.5 mg/5 ml: what the last one is in holds for all.
        per_value, where = found[-1][3], found[-1][4].rstrip("s")
    return {
        "strength_mg": float(value) * MASS_IN_MG[unit],
        "strength_per": float(per_value or 1),
        "strength_per_unit": where,
        "count_strengths": len(found),
    }


def _pack(product: str, pack: str, language: str) -> Parsed:
    return {"en": _pack_english, "fr": _pack_french, "pt": _pack_portuguese}[language](product, pack)


def _pack_of(units: float, unit: str, containers: float) -> Parsed:
    return {"units_per_pack": units, "counting_unit": unit, "containers": containers}


def _pack_english(product: str, pack: str) -> Parsed:
    text = pack or product
    # 30 x 0.4 ml, 2 x 3 ml
    if many := re.search(rf"\b{NUMBER}\s*x\s*{NUMBER}\s*(ml|g)?\b", text):
        return _pack_of(float(many[1]) * float(many[2]), many[3] or "piece", float(many[1]))
    # , 3 ml pre-filled pen, 2
    if pens := re.search(rf", {NUMBER} ml pre-?filled (?:pens?|syringes?)(?:, (\d+))?$", text):
        containers = float(pens[2] or 1)
        return _pack_of(float(pens[1]) * containers, "ml", containers)
    # at the end: , 100 ml
    if bottle := re.search(rf", {NUMBER} ?(ml|g)$", text):
        return _pack_of(float(bottle[1]), bottle[2], 1.0)
    counts = re.findall(
        r"\b(\d+) (?:tab(?:let)?s?|cap(?:sule)?s?|sachets?|patch(?:es)?|suppositories|pens?|vials?|ampoules?)\b", text
    ) + re.findall(r"\bpack of (\d+)\b|(?<![\d.] )\bx (\d+)$", text)
    flat = {float(next(filter(None, count)) if isinstance(count, tuple) else count) for count in counts}
    if len(flat) == 1:
        (count,) = flat
        return _pack_of(count, "piece", 1.0)
    return {"pack_reason": "AMBIGUOUS_PACK" if flat else "NO_PACK"}


def _pack_french(product: str, pack: str) -> Parsed:
    if not pack:
        return {"pack_reason": "NO_PACK"}
    if re.search(r" \+ |\bet \d", pack):
        return {"pack_reason": "AMBIGUOUS_PACK"}
    outer = re.match(r"(\d+) ", pack)
    containers = float(outer[1]) if outer else 1.0
    inner = re.search(rf"\bde {NUMBER} ?({FR_NOUNS})", pack)
    if not inner:
        # 28 comprime(s), 6 stylo(s)
        whole = re.match(rf"{NUMBER} ({FR_NOUNS})", pack)
        if whole and whole[2] not in ("ml", "g"):
            return _pack_of(float(whole[1]), "piece", containers)
        return {"pack_reason": "NO_PACK"}
    unit = inner[2] if inner[2] in ("ml", "g", "dose") else "piece"
    return _pack_of(containers * float(inner[1]), unit, containers)


def _pack_portuguese(product: str, pack: str) -> Parsed:
    text = pack or product
    parts = re.findall(rf"\bx {NUMBER}(?: ?(ml|g|doses?|acionamentos))?(?![a-z])", text)
    if not parts:
        return {"pack_reason": "NO_PACK"}
    if len(parts) > 1 or re.search(rf"\bx {NUMBER}[^+]* \+ ", text):
        return {"pack_reason": "AMBIGUOUS_PACK"}
    value, unit = parts[0]
    many = re.search(rf"\b(\d+) (?:{PT_CONTAINERS})\b", text[: text.rfind(" x ") + 1])
    containers = float(many[1]) if many else 1.0
    kind = "dose" if unit.startswith(("dose", "acion")) else unit or "piece"
    return _pack_of(containers * float(value), kind, containers)


PARSED = T.StructType(
    [
        T.StructField("form_code", T.StringType()),
        T.StructField("counting_unit", T.StringType()),
        T.StructField("units_per_pack", T.DoubleType()),
        T.StructField("containers", T.DoubleType()),
        T.StructField("strength_mg", T.DoubleType()),
        T.StructField("strength_per", T.DoubleType()),
        T.StructField("strength_per_unit", T.StringType()),
        T.StructField("count_strengths", T.IntegerType()),
        T.StructField("form_reason", T.StringType()),
        T.StructField("strength_reason", T.StringType()),
        T.StructField("pack_reason", T.StringType()),
        T.StructField("candidates", T.ArrayType(T.StringType())),
    ]
)


def transform(texts: DataFrame, names: DataFrame) -> DataFrame:
    """Parse distinct texts and look their molecules up.

    `texts` has text_id, language_code, molecule_text, product_text, pack_text; `names` has language_code, local_name
    and molecule_name, and is small.
    """
    parse_texts = F.udf(lambda *values: _row(parse(*values)), PARSED)
    parsed = texts.select(
        "text_id",
        "language_code",
        parse_texts("language_code", "molecule_text", "product_text", "pack_text").alias("parsed"),
    )
    known = F.broadcast(_known_names(names))
    # The parts of each candidate, each looked up by itself; a candidate is known when all of its parts are.
    parts = (
        parsed.select("text_id", "language_code", F.posexplode("parsed.candidates").alias("rank", "candidate"))
        .select("text_id", "language_code", "rank", F.explode(F.split("candidate", r" \+ ")).alias("part"))
        .withColumn(
            "lookup",
            F.when(F.col("language_code") == "us", F.rtrim(F.substring("part", 1, 10))).otherwise(F.col("part")),
        )
        .join(known, ["language_code", "lookup"], "left")
    )
    found = (
        parts.groupBy("text_id", "rank")
        .agg(
            F.array_join(F.sort_array(F.collect_set("molecule_name")), " + ").alias("molecule_name"),
            F.max("match").alias("molecule_match"),
            F.bool_and(F.col("molecule_name").isNotNull()).alias("is_known"),
        )
        .where("is_known")
        .groupBy("text_id")
        .agg(
            F.min_by("molecule_name", "rank").alias("molecule_name"),
            F.min_by("molecule_match", "rank").alias("molecule_match"),
        )
    )
    fields = [field.name for field in PARSED.fields if field.name not in ("candidates",)]
    return parsed.join(found, "text_id", "left").select(
        "text_id",
        *(F.col(f"parsed.{name}").alias(name) for name in fields[:8]),
        "molecule_name",
        "molecule_match",
        *(F.col(f"parsed.{name}").alias(name) for name in fields[8:]),
        F.when(
            F.col("molecule_name").isNull(),
            F.when(F.size("parsed.candidates") == 0, F.lit("NO_TEXT")).otherwise(F.lit("UNKNOWN_MOLECULE")),
        ).alias("molecule_reason"),
    )


def _row(parsed: Parsed) -> tuple[object, ...]:
    return tuple(parsed.get(field.name) for field in PARSED.fields)


def _known_names(names: DataFrame) -> DataFrame:
    """Names to look up by language: brands in every language, and names cut to ten characters for us."""
    languages = F.array(*(F.lit(language) for language in ("en", "fr", "pt", "us")))
    brands = names.where("language_code = 'brand'").select(
        F.explode(languages).alias("language_code"), "local_name", "molecule_name", F.lit("brand").alias("match")
    )
    plain = names.where("language_code != 'brand'").select(
        "language_code", "local_name", "molecule_name", F.lit("name").alias("match")
    )
    short = plain.where("language_code = 'en'").select(
        F.lit("us").alias("language_code"), "local_name", "molecule_name", F.lit("prefix").alias("match")
    )
    cut = F.when(F.col("language_code") == "us", F.rtrim(F.substring("local_name", 1, 10))).otherwise(
        F.col("local_name")
    )
    # A cut name that two molecules share tells neither.
    return (
        plain.unionByName(short)
        .unionByName(brands)
        .withColumn("lookup", cut)
        .groupBy("language_code", "lookup")
        .agg(
            F.min("molecule_name").alias("molecule_name"),
            F.max("molecule_name").alias("other"),
            F.min("match").alias("match"),
        )
        .where("molecule_name = other")
        .drop("other")
    )


def model(dbt, session):
    """Build the table from the distinct texts of the listed products."""
    dbt.config(materialized="table")
    listed = dbt.ref("int_market__products_listed")
    texts = listed.select("text_id", "language_code", "molecule_text", "product_text", "pack_text").distinct()
    return transform(texts, dbt.ref("molecule_names"))
