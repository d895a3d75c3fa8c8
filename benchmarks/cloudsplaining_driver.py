"""Scans account authorization details with cloudsplaining (BSD-3-Clause), in a process and environment of its own.

On stdout one JSON object with the CPU seconds of the scan, without reading the file and without the report, and counts.
"""

import json
import sys
import time
from pathlib import Path

from cloudsplaining.scan.authorization_details import AuthorizationDetails
from cloudsplaining.shared.exclusions import DEFAULT_EXCLUSIONS


def main(path: Path) -> None:
    """Scan and print."""
    details = json.loads(path.read_text(encoding="utf-8"))
    begun = time.process_time()
    results = AuthorizationDetails(details, DEFAULT_EXCLUSIONS).results
    spent = time.process_time() - begun
    kinds = ("customer_managed_policies", "inline_policies", "aws_managed_policies")
    policies = [policy for kind in kinds for policy in results[kind].values()]
    escalating = sum(bool(policy["PrivilegeEscalation"]["findings"]) for policy in policies)
    print(json.dumps({"seconds": spent, "policies": len(policies), "escalating": escalating}))


main(Path(sys.argv[1]))
