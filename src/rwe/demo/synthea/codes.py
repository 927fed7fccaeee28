"""The SNOMED CT codes that the demo patients have, with descriptions in the project's own words.

Most are in the miniature vocabulary; those in `UNKNOWN_*` are left out of it on purpose.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """A code and what it says."""

    code: str
    """SNOMED CT code."""
    text: str
    """Description, as the source gives it."""


CHECK_ADULT = Code("162673000", "General check of a patient")
CHECK_CHILD = Code("410620009", "Check of a healthy child")
VISIT_SYMPTOM = Code("185345009", "Visit for a symptom")
VISIT_PROBLEM = Code("185347001", "Visit for a problem")
VISIT_CHECK = Code("185349003", "Visit for a check")
VISIT_FOLLOW_UP = Code("390906007", "Visit to follow up")
VISIT_PROCEDURE = Code("371883000", "Procedure without a stay")
VISIT_PRENATAL = Code("424619006", "Visit before a birth")
EMERGENCY = Code("50849002", "Taken in by the emergency department")
EMERGENCY_PREGNANCY = Code("183460006", "Admitted as an emergency in pregnancy")
ADMISSION = Code("183452005", "Admitted to hospital")
DEATH_CERTIFIED = Code("308646001", "Death certified")
UNKNOWN_VISIT = Code("702927004", "Urgent care clinic")

HYPERTENSION = Code("59621000", "High blood pressure")
HYPERLIPIDEMIA = Code("55822004", "Too much fat in the blood")
DIABETES = Code("44054006", "Diabetes type 2")
DIABETES_KIDNEY = Code("990000001", "Diabetes type 2 with kidney disease")
PREDIABETES = Code("15777000", "On the way to diabetes")
ANEMIA = Code("271737000", "Too little haemoglobin")
CHILD_ASTHMA = Code("233678006", "Asthma of a child")
HIP = Code("239872002", "Worn hip joint")
CHRONIC_PAIN = Code("82423001", "Lasting pain")
CHRONIC_SINUSITIS = Code("40055000", "Lasting inflammation of the sinuses")
SINUSITIS = Code("444814009", "Sinus infection from a virus")
PHARYNGITIS = Code("195662009", "Sore throat from a virus")
BRONCHITIS = Code("10509002", "Short inflammation of the bronchi")
ANKLE = Code("44465007", "Sprained ankle")
CONCUSSION = Code("62106007", "Concussion, awake throughout")
APPENDICITIS = Code("74400008", "Inflamed appendix")
APPENDIX_OUT = Code("428251008", "Had the appendix taken out before")
HEART_ATTACK = Code("22298006", "Heart attack")
HEART_ATTACK_BEFORE = Code("399211009", "Had a heart attack before")
CARDIAC_ARREST = Code("410429000", "Heart stopped beating")
OVERDOSE = Code("55680006", "Overdose of a drug")
PREGNANCY = Code("72892002", "Pregnancy without complications")
ALLERGY = Code("419199007", "Allergic to some substance")
OBESITY = Code("162864005", "Body mass index of 30 or more")
FULL_TIME = Code("160903007", "Has a full-time job")
PART_TIME = Code("160904001", "Has a part-time job")
UNIVERSITY = Code("224299000", "Went to university")
STRESS = Code("73595000", "Under stress")
DIED = Code("419620001", "Has died")
UNKNOWN_TOOTH = Code("196416002", "Wisdom teeth that cannot come out")
UNKNOWN_RIB = Code("33737001", "Broken rib")
UNKNOWN_CANCER = Code("254637007", "Lung cancer, not small cell")

ACUTE = (PHARYNGITIS, BRONCHITIS, ANKLE, CONCUSSION, ANEMIA)
"""Conditions that come and go."""

CAUSES_OF_DEATH = (HEART_ATTACK, CARDIAC_ARREST, OVERDOSE, UNKNOWN_CANCER, DIED)
"""The last but one is in no vocabulary here, the last is no condition but an observation."""
