"""Which controls of known frameworks a family of rules is evidence for: ids, never "compliant".

SOURCE: MITRE ATLAS 5.6.0 (mitre-atlas/atlas-data, Apache-2.0), MITRE ATT&CK Enterprise, NIST SP 800-53 revision 5, OWASP Top 10
for LLM applications 2025, FINOS Common Cloud Controls v2025.10; ids as published, read 2026-11-26.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """The ids that findings of one family are evidence for."""

    atlas: tuple[str, ...] = ()
    attack: tuple[str, ...] = ()
    nist: tuple[str, ...] = ()
    owasp: tuple[str, ...] = ()
    finos: tuple[str, ...] = ()


FRAMEWORKS: Mapping[str, str] = {
    "atlas": "MITRE ATLAS",
    "attack": "MITRE ATT&CK",
    "nist": "NIST SP 800-53 r5",
    "owasp": "OWASP LLM Top 10",
    "finos": "FINOS CCC",
}
EVIDENCE: Mapping[str, Evidence] = {
    "NET": Evidence(("AML.T0049", "AML.T0040", "AML.M0019"), ("T1190", "T1567"), ("SC-7", "AC-4"), (), ("CCC.MLDE.CN07", "CCC.MLDE.CN08")),
    "ENC": Evidence(("AML.T0025", "AML.T0035", "AML.M0012"), ("T1530",), ("SC-8", "SC-12", "SC-28"), (), ("CCC.Core.CN02", "CCC.Core.CN11")),
    "AUT": Evidence(("AML.T0012", "AML.T0055", "AML.T0091", "AML.M0019"), ("T1078", "T1552"), ("IA-2", "IA-5"), (), ("CCC.MLDE.CN01",)),
    "LP": Evidence(("AML.T0012", "AML.T0044", "AML.T0053", "AML.M0005", "AML.M0019", "AML.M0026"), ("T1078", "T1098", "T1548"), ("AC-3", "AC-5", "AC-6"), ("LLM06",), ("CCC.GenAI.CN06",)),
    "EXP": Evidence(("AML.T0025", "AML.T0036", "AML.T0085", "AML.M0005", "AML.M0001"), ("T1530", "T1537"), ("AC-3", "AC-21"), ("LLM02",)),
    "SEC": Evidence(("AML.T0055", "AML.T0083", "AML.M0005"), ("T1552",), ("IA-5(7)",)),
    "LOG": Evidence(("AML.T0024", "AML.T0040", "AML.M0024"), (), ("AU-2", "AU-12", "SI-4")),
    "SUP": Evidence(("AML.T0010", "AML.T0018", "AML.T0020", "AML.T0059", "AML.T0070", "AML.T0076", "AML.M0007", "AML.M0013", "AML.M0014", "AML.M0023", "AML.M0025"), ("T1195", "T1525"), ("SR-3", "SR-4", "SI-7"), ("LLM03", "LLM04"), ("CCC.GenAI.CN03", "CCC.GenAI.CN07")),
    "GOV": Evidence(("AML.T0010", "AML.T0018", "AML.M0008", "AML.M0023", "AML.M0025"), ("T1078",), ("CM-3", "CM-8", "AC-5"), (), ("CCC.GenAI.CN08",)),
    "GRD": Evidence(("AML.T0051", "AML.T0054", "AML.T0057", "AML.M0020", "AML.M0033"), (), ("SI-10", "SI-15"), ("LLM01", "LLM02"), ("CCC.GenAI.CN01", "CCC.GenAI.CN02")),
    "SHA": Evidence(("AML.T0008.000", "AML.T0035", "AML.T0048.004", "AML.M0005", "AML.M0023"), ("T1578", "T1530"), ("CM-8", "PM-5")),
    "RES": Evidence(("AML.T0029", "AML.T0034", "AML.M0004"), ("T1496",), ("CP-10", "SC-5"), ("LLM10",)),
    "VUL": Evidence(("AML.T0010.001", "AML.T0112", "AML.M0016"), ("T1190",), ("RA-5", "SI-2")),
}  # fmt: skip


def evidence_for(family: str) -> dict[str, tuple[str, ...]]:
    """The ids by framework that a rule of this family is evidence for; frameworks without any are left out."""
    held = EVIDENCE[family]
    return {title: ids for name, title in FRAMEWORKS.items() if (ids := getattr(held, name))}
