"""Compare Odoo's own tests with the suite installed to those without it.

    python tools/o2c_upstream.py record  --database DB      writes the baseline
    python tools/o2c_upstream.py compare --database DB      compares with it

``record`` runs on a database without the suite, ``compare`` on one with the
suite as it is after installation: all controls observing. Both databases have
the modules sale_management, sale_stock, stock_account, account_payment,
payment_demo and payment_custom and no demo data. The database itself is left
alone: tests run on copies, one per process, which are dropped afterwards. (A
copy can only be made while nobody is connected to the database.)

``compare`` prints each test whose result differs, by name, with the first line
of its error, and ends with ``N passed, N failed``. Exit code 0: same results,
1: differences, 2: could not compare.

Needs Odoo in the Python that ``--python`` names (default: the one running this).
"""

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORKER = Path(__file__).with_name("o2c_upstream_worker.py")
BASELINE = Path(__file__).resolve().parents[1] / "tests" / "upstream" / "baseline.json"

# What runs by default: about ten minutes on one processor. Browser tours are left out (they
# show Odoo's own screens, depend on a Chromium and on its speed, and the suite has browser
# tests of its own), and so is what needs demo data. Three at-install tests fail in this mode
# by themselves, as later modules are loaded.
SELECTION = {
    "sale": (
        "TestSaleOrder TestSaleOrderInvoicing TestSalesTeam TestSaleToInvoice TestSaleRefund "
        "TestSalePayment TestAccessRights TestSaleOrderCreditLimit TestSaleFlow "
        "TestAccruedSaleOrders TestSalesControllers TestImportFiles TestIrConfigParameter "
        "TestSaleOnchanges TestProductConfiguratorData TestSalePrices "
        "TestSaleProductAttributeValueConfig TestSaleProductTemplate TestSaleReportCurrencyRate "
        "TestSaleSections TestTaxesGlobalDiscountSale TestTaxesTaxTotalsSummarySale "
        "TestAccessRightsControllers"
    ),
    "sale_stock": (
        "TestSaleStock TestAngloSaxonValuation TestAngloSaxonAccounting TestSaleStockInvoices "
        "TestValuationReconciliationCommon TestSaleExpectedDate TestControllersAccessRights "
        "TestAccruedStockSaleOrders TestSaleStockLeadTime TestSaleStockMultiWarehouse "
        "TestSaleStockMultiCompany TestSaleStockReports"
    ),
    "stock_account": (
        "TestAccountMove TestLotValuation TestStockValuation TestStockValuationStandard "
        "TestStockValuationAVCO TestStockValuationFIFO TestStockValuationChangeCostMethod "
        "TestStockValuationChangeValuation TestAngloSaxonAccounting"
    ),
    "account_payment": "TestAccountPayment TestFlows TestPaymentProvider",
    "account": (
        "TestAccountPaymentRegister TestAccountMoveReconcile TestAccountPayment TestAccountMove "
        "TestAccountMoveOutInvoiceOnchanges TestAccountMoveOutRefundOnchanges "
        "TestAccountMovePaymentsWidget TestAccountPartner TestMergePartner TestCompanyBranch "
        "TestSequenceMixin TestAccountBankStatementLine TestPortalInvoice"
    ),
    "sale_management": "TestSaleOrder TestSaleOrderTemplate",
    "payment": "TestFlows TestPaymentTransaction TestPaymentProvider",
    "stock": "TestStockFlow TestStockFlowPostInstall TestPickShip TestReturnPicking",
}
# Comes on top with --all: three minutes for arithmetic that the suite does not touch.
FURTHER = {"sale": "TestTaxesDownPaymentSale"}
NEEDED = (
    "sale_management",
    "sale_stock",
    "stock_account",
    "account_payment",
    "payment_demo",
    "payment_custom",
)


class CannotCompare(Exception):
    """The run says nothing about the suite; the message tells what to do."""


# ---------------------------------------------------------------- running


def chosen_classes(everything):
    """Names ``module.Class`` of the selection."""
    selections = [SELECTION, FURTHER] if everything else [SELECTION]
    return [f"{m}.{c}" for s in selections for m, names in s.items() for c in names.split()]


def split_by_weight(names, seconds, jobs):
    """Spread classes over processes so that these end at about the same time.

    >>> split_by_weight(["a", "b", "c"], {"a": 5, "b": 3, "c": 2}, 2)
    [['a'], ['b', 'c']]
    """
    shards = [(0, []) for _ in range(jobs)]
    for name in sorted(names, key=lambda n: -seconds.get(n, 20)):
        index = min(range(jobs), key=lambda i: shards[i][0])
        total, members = shards[index]
        shards[index] = (total + seconds.get(name, 20), [*members, name])
    return [sorted(members) for _total, members in shards if members]


def free_port():
    """A port of this host that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def worker_command(options, command, copy, *arguments):
    """Command line of the process that has Odoo."""
    line = [options.python, str(WORKER), command, "--database", options.database, "--copy", copy]
    if options.config:
        line += ["--config", options.config]
    return [*line, *arguments]


def call_worker(options, command, copy):
    """Make or drop a copy.

    :raises CannotCompare: PostgreSQL refused, with its last words
    """
    done = subprocess.run(worker_command(options, command, copy), capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise CannotCompare(f"could not {command} database {copy}: {last}")


def run_shards(options, shards, folder):
    """Run each shard in a process on its own copy; return their reports."""
    copies = [f"{options.database}_upstream{number}" for number, _ in enumerate(shards)]
    running = []
    try:
        for copy in copies:
            call_worker(options, "clone", copy)
        for copy, names in zip(copies, shards, strict=True):
            output, log = folder / f"{copy}.json", (folder / f"{copy}.log").open("w")
            line = worker_command(
                options,
                "run",
                copy,
                f"--http-port={free_port()}",
                f"--output={output}",
                "--classes",
                ",".join(names),
            )
            running.append((subprocess.Popen(line, stdout=log, stderr=log, cwd=folder), output, log))
        return [wait_for(*one, timeout=options.timeout) for one in running]
    finally:
        for process, _output, log in running:
            if process.poll() is None:
                process.kill()
                process.wait()
            log.close()
        for copy in copies:
            call_worker(options, "drop", copy)


def wait_for(process, output, log, timeout):
    """Wait for one process and read its report.

    :raises CannotCompare: it ran too long, or ended without a report
    """
    try:
        code = process.wait(timeout)
    except subprocess.TimeoutExpired as error:
        raise CannotCompare(f"tests ran longer than {timeout} s; see {log.name}") from error
    if code or not output.exists():
        tail = "".join(Path(log.name).read_text(errors="replace").splitlines(True)[-15:])
        raise CannotCompare(f"a test process ended with code {code}:\n{tail}")
    return json.loads(output.read_text(encoding="utf-8"))


def run_selection(options, seconds):
    """Run the chosen classes; return the merged report."""
    names = options.classes or chosen_classes(options.all)
    shards = split_by_weight(names, seconds, options.jobs)
    started = time.time()
    print(f"{len(names)} test classes of Odoo, {len(shards)} process(es) on copies of {options.database} ...")
    folder = Path(options.logs or tempfile.mkdtemp(prefix="o2c-upstream-"))
    folder.mkdir(parents=True, exist_ok=True)
    reports = run_shards(options, shards, folder.resolve())
    merged = {key: reports[0][key] for key in ("odoo", "modules", "modes")}
    for key in ("outcome", "detail", "seconds"):
        merged[key] = {name: value for report in reports for name, value in report[key].items()}
    print(f"{len(merged['outcome'])} tests in {time.time() - started:.0f} s; logs in {folder}")
    return merged


# ---------------------------------------------------------------- comparing


def check_modules(report, *, with_suite):
    """:raises CannotCompare: the database is not the one that this command needs."""
    missing = [name for name in NEEDED if name not in report["modules"]]
    suite = [name for name in report["modules"] if name.startswith("o2c_")]
    if missing:
        raise CannotCompare("install first, or results differ for another reason: " + ", ".join(missing))
    if suite and not with_suite:
        raise CannotCompare("the baseline is recorded without the suite, but found " + ", ".join(suite))
    if with_suite and not suite:
        raise CannotCompare("no module of the suite is installed in this database: nothing is compared")
    if report["modes"].get("enforcing"):
        raise CannotCompare("controls are enforcing; compare in the state after installation (all observing)")


def read_baseline(path):
    """:raises CannotCompare: there is none."""
    if not path.exists():
        raise CannotCompare(f"no baseline at {path}; record one on a database without the suite")
    return json.loads(path.read_text(encoding="utf-8"))


def expected_outcome(baseline, names):
    """The part of the baseline that belongs to the classes."""
    return {test: value for test, value in baseline.items() if test.rsplit(".", 1)[0] in names}


def differences(baseline, report, names):
    """Lines about each test whose result is not that of the baseline.

    Missing tests count: a class whose setUpClass fails runs none of its tests.

    >>> base = {"m.C.test_a": "ok", "m.C.test_b": "ok"}
    >>> new = {"outcome": {"m.C.test_a": "fail"}, "detail": {"m.C.test_a": "AssertionError: 1 != 2"}}
    >>> differences(base, new, ["m.C"])
    ['m.C.test_a: ok -> fail  (AssertionError: 1 != 2)', 'm.C.test_b: ok -> not run']
    """
    expected = expected_outcome(baseline, names)
    lines = []
    for name in sorted(expected.keys() | report["outcome"].keys()):
        before = expected.get(name, "not in baseline")
        after = report["outcome"].get(name, "not run")
        if before != after:
            detail = report["detail"].get(name)
            lines.append(f"{name}: {before} -> {after}" + (f"  ({detail})" if detail else ""))
    return lines


# ---------------------------------------------------------------- commands


def command_record(options):
    """Write the baseline."""
    options.all = True
    report = run_selection(options, {})
    check_modules(report, with_suite=False)
    if not report["outcome"]:
        raise CannotCompare("no test ran")
    document = {
        "odoo": report["odoo"],
        "modules": [name for name in report["modules"] if name in NEEDED],
        "seconds": dict(sorted(report["seconds"].items())),
        "not_ok": {name: report["detail"][name] for name in sorted(report["detail"])},
        "outcome": dict(sorted(report["outcome"].items())),
    }
    options.baseline.parent.mkdir(parents=True, exist_ok=True)
    options.baseline.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    not_ok = sum(value in ("fail", "error") for value in report["outcome"].values())
    print(f"baseline of {len(report['outcome'])} tests written to {options.baseline}")
    print(f"{len(report['outcome']) - not_ok} passed, {not_ok} failed")
    return 0


def command_compare(options):
    """Compare with the baseline."""
    baseline = read_baseline(options.baseline)
    names = options.classes or chosen_classes(options.all)
    report = run_selection(options, baseline["seconds"])
    check_modules(report, with_suite=True)
    if not report["outcome"]:
        raise CannotCompare("no test ran")
    if report["odoo"] != baseline["odoo"]:
        print(f"note: the baseline is of Odoo {baseline['odoo']}, this is {report['odoo']}")
    lines = differences(baseline["outcome"], report, names)
    for line in lines:
        print(f"DIFFERS {line}")
    compared = expected_outcome(baseline["outcome"], names).keys() | report["outcome"].keys()
    print(f"{len(compared) - len(lines)} passed, {len(lines)} failed")
    return 1 if lines else 0


def parse(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="o2c_upstream", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("record", "compare"))
    parser.add_argument("--database", required=True, help="database to copy; nobody may be connected to it")
    parser.add_argument("--config", help="Odoo configuration file (connection, addons path, data folder)")
    parser.add_argument("--python", default=sys.executable, help="Python that has Odoo")
    parser.add_argument("--baseline", type=Path, default=BASELINE)
    parser.add_argument("--jobs", type=int, default=2, help="processes, each on its own copy (default 2)")
    parser.add_argument("--all", action="store_true", help="all recorded classes")
    parser.add_argument("--timeout", type=int, default=3600, help="seconds before giving up (default 3600)")
    parser.add_argument("--logs", help="folder for Odoo's logs of the run (default: a temporary one)")
    parser.add_argument("classes", nargs="*", metavar="module.Class", help="only these classes")
    return parser.parse_intermixed_args(argv)


def main(argv=None):
    """Entry point of the command and of the launcher; returns the exit code."""
    options = parse(argv)
    try:
        return {"record": command_record, "compare": command_compare}[options.command](options)
    except CannotCompare as error:
        print(f"upstream: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
