"""Ledgers as databases: built from a template, verified, and kept until something of them changes."""

import hashlib
import json
import time
from contextlib import closing
from datetime import date
from pathlib import Path

from . import ledger
from .databases import PREFIX, say
from .worker import Worker

FACTS = "o2c_bench.facts"


class Ledger:
    """A generated ledger: its database, the samples it was made from and the facts about it."""

    def __init__(self, server, database, samples, facts):
        self.server = server
        self.database = database
        self.samples = samples
        self.facts = facts

    def worker(self):
        """A process with the ledger's registry."""
        return Worker(self.server, self.database)

    def customers(self, count=None):
        """Ids of customers, pinned ones included; `count` of them, spread evenly over the sizes."""
        first, last = self.facts["customers"]
        pins = [pin["id"] for pin in self.facts["pins"].values()]
        everybody = list(range(first, last + 1))
        if count is None or count >= len(everybody) + len(pins):
            return everybody + pins
        wanted = count - len(pins)
        return [everybody[place * len(everybody) // wanted] for place in range(wanted)] + pins


def get_ledger(server, template, name, spec):
    """The ledger `name` of this size from the template; made and verified if there is none that fits."""
    database = f"{PREFIX}{name}_{spec.invoices}"
    fingerprint = _fingerprint(server, template, spec)
    if server.fingerprint(database) != fingerprint:
        _build(server, template, database, spec)
        server.mark(database, fingerprint)
    rows = server.execute("SELECT value FROM ir_config_parameter WHERE key = %s", (FACTS,), database=database)
    stored = json.loads(rows[0][0])
    return Ledger(server, database, stored["samples"], stored["facts"])


def _fingerprint(server, template, spec):
    """What the ledger depends on: template, size, day, and the code that wrote it."""
    code = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        if path.stem in {"ledger", "plan", "cloning", "numbering", "schema", "samples", "suite", "verify"}:
            code.update(path.read_bytes())
    oid = server.execute("SELECT oid FROM pg_database WHERE datname = %s", (template,))[0][0]
    return f"{template}:{oid} {spec} {date.today()} {code.hexdigest()[:16]}"


def _build(server, template, database, spec):
    """Clone the template, let the ORM write samples, write the ledger, verify it."""
    start = time.monotonic()
    say(f"Writing a ledger of {spec.invoices:,} invoices into {database} ...")
    server.clone(template, database)
    with Worker(server, database) as worker:
        samples = worker("samples.create")
    with closing(server.connect(database)) as connection:
        facts = ledger.generate(connection, spec, samples)
    say(f"  written after {time.monotonic() - start:.0f} s; verifying it ...")
    with Worker(server, database) as worker:
        worker("suite.prepare", facts=facts)
        verdict = worker("verify.verify", samples=samples, facts=facts)
    if verdict["problems"]:
        raise SystemExit(
            "The ledger is not what the ORM would have left:\n  " + "\n  ".join(verdict["problems"])
        )
    server.execute(
        "INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s)",
        (FACTS, json.dumps({"samples": samples, "facts": facts})),
        database=database,
    )
    say(
        f"  done after {time.monotonic() - start:.0f} s ({verdict['checked']:,} values recomputed by the ORM)"
    )
