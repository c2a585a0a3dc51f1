"""The benchmark's ledger is what the ORM would have left, and its figures are told as they are.

Times never appear here: only what the generator writes, what the checks find, and what the rows say.
"""

import copy
import os
from contextlib import closing

import pytest
import support

from tools.o2c_bench import bench, ledger
from tools.o2c_bench.databases import Server
from tools.o2c_bench.jobs import receipts
from tools.o2c_bench.jobs.exposure import _compare
from tools.o2c_bench.measure import ratio, typical_cpu
from tools.o2c_bench.plan import LedgerSpec
from tools.o2c_bench.rows import COLUMNS, format_table, make_row
from tools.o2c_bench.worker import Worker

SPEC = LedgerSpec(invoices=600)


# ------------------------------------------------------------------ FIXTURES


class Generated:
    """A small ledger in a copy of the suite's database."""

    def __init__(self, database):
        odoo = support.running_odoo()
        self.database = database
        self.server = Server(odoo.configuration(database, "odoo-test.conf"), odoo.connection.url())
        with self.worker() as worker:
            self.samples = worker("samples.create")
        self.before = self.digest()
        with closing(self.server.connect(database)) as connection:
            self.facts = ledger.generate(connection, SPEC, self.samples)

    def worker(self):
        """A process on the ledger."""
        return Worker(self.server, self.database)

    def rows(self, statement):
        """Rows of a statement on the ledger."""
        return self.server.execute(statement, database=self.database)

    def verify(self):
        """Problems that the verification finds."""
        with self.worker() as worker:
            return worker("verify.verify", samples=self.samples, facts=self.facts)

    def digest(self):
        """One figure for all cases: customer, number, dates and amounts of every entry and order."""
        return self.rows(
            """SELECT md5(string_agg(x::text, '|' ORDER BY x::text)) FROM (
                   SELECT id, name, partner_id, date, invoice_date_due, amount_total::float,
                          amount_residual::float FROM account_move
                    UNION ALL
                   SELECT id, name, partner_id, date_order::date, validity_date, amount_total::float, 0
                     FROM sale_order) x"""
        )[0][0]


@pytest.fixture(scope="module")
def generated():
    name = support.clone_database("bench_ledger")
    ready = Generated(name)
    with ready.worker() as worker:
        worker("suite.prepare", facts=ready.facts)
    yield ready
    support.drop_database(name)


class Plain:
    """Odoo without the suite, with the same samples."""

    def __init__(self, database):
        odoo = support.running_odoo()
        self.server = Server(odoo.configuration(database, "odoo-test.conf"), odoo.connection.url())
        self.database = database
        with self.worker() as worker:
            self.samples = worker("samples.create")

    def worker(self):
        """A process on the database."""
        return Worker(self.server, self.database)

    def queries(self, task, *, user, **arguments):
        """Statements of a task for the sample customer, once its caches are warm."""
        person = self.samples["users"][user]
        with self.worker() as worker:
            for _turn in range(3):
                cost = worker(task, partner=self.samples["customer"], user=person, **arguments)
        return cost["queries"]


@pytest.fixture(scope="module")
def plain():
    name = support.clone_plain_database("bench_plain")
    yield Plain(name)
    support.drop_database(name)


# ----------------------------------------------------------------- THE LEDGER


def test_ledger_holds_before_the_orm(generated):
    verdict = generated.verify()
    assert verdict["problems"] == []
    assert verdict["checked"] > 1000
    # No more may be exempt from the comparison than what Odoo itself computes anew each time.
    exempt = {column for columns in verdict["unstable"].values() for column in columns}
    assert exempt <= {
        "account_payment.is_matched",
        "account_payment.is_reconciled",
        "account_payment.outstanding_account_id",
    }


def test_ledger_has_the_size_that_was_asked_for(generated):
    invoices = generated.rows(
        f"""SELECT count(*) FROM account_move
             WHERE move_type = 'out_invoice' AND partner_id >= {generated.facts["customers"][0]}"""
    )
    assert invoices == [(SPEC.invoices,)]
    for pin, facts in zip(SPEC.pins, generated.facts["pins"].values(), strict=True):
        found = generated.rows(
            f"""SELECT count(*) FILTER (WHERE amount_residual > 0),
                       count(*) FILTER (WHERE amount_residual = 0)
                  FROM account_move WHERE move_type = 'out_invoice' AND partner_id = {facts["id"]}"""
        )
        assert found == [(pin.open, pin.paid)]


def test_history_is_skewed(generated):
    first, last = generated.facts["customers"]
    counts = [
        count
        for (count,) in generated.rows(
            f"""SELECT count(*) FROM account_move
                 WHERE move_type = 'out_invoice' AND partner_id BETWEEN {first} AND {last}
                 GROUP BY partner_id ORDER BY 1 DESC"""
        )
    ]
    assert sum(counts[:5]) > sum(counts) / 3
    assert counts[len(counts) // 2] < counts[0] / 5


def test_every_customer_of_the_suite_has_its_rows(generated):
    """Rows that the suite gives a customer follow the customer, each to its own."""
    first, last = generated.facts["customers"]
    expected = last - first + 1 + len(SPEC.pins)
    for table in ("o2c_credit_limit", "o2c_credit_profile"):
        assert generated.rows(
            f"SELECT count(DISTINCT partner_id) FROM {table} WHERE partner_id >= {first}"
        ) == [(expected,)]


def test_same_seed_gives_the_same_ledger(generated):
    name = support.clone_database("bench_ledger_again")
    try:
        again = Generated(name)
        assert again.before == generated.before != generated.digest()
        assert again.digest() == generated.digest()
        assert again.facts == generated.facts
    finally:
        support.drop_database(name)


def test_indexes_and_foreign_keys_are_back(generated):
    statement = """
        SELECT 'key', conname FROM pg_constraint WHERE contype = 'f'
         UNION ALL
        SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public'
         ORDER BY 1, 2"""
    template = os.environ["O2C_DB_TEMPLATE"]
    assert generated.rows(statement) == generated.server.execute(statement, database=template)


DAMAGES = [
    (
        "UPDATE account_move_line SET debit = debit + 1, balance = balance + 1 WHERE id = {line}",
        "entries are not balanced",
    ),
    (
        "UPDATE account_move_line SET amount_residual = amount_residual - 1 WHERE id = {residual}",
        "have a residual that their reconciliations do not explain",
    ),
    (
        """UPDATE account_move SET sequence_number = 900000, name = sequence_prefix || '900000'
            WHERE id = {renumbered}""",
        "series of entries have gaps",
    ),
    (
        "UPDATE account_move SET payment_state = 'paid' WHERE id = {move}",
        "payment_state is 'paid' and should be 'not_paid'",
    ),
    (
        "UPDATE sale_order_line SET order_partner_id = {other} WHERE order_id = {order}",
        "orders differ from their lines",
    ),
    (
        """UPDATE stock_quant SET quantity = quantity + 1
            WHERE location_id IN (SELECT id FROM stock_location WHERE usage = 'customer')""",
        "products at customers are not what was delivered",
    ),
]


def test_verification_finds_damage(generated):
    """All damages at once, each on a case of its own, since every look at a ledger starts Odoo."""
    clones = generated.facts["clones"]
    places = {
        "line": max(clones["invoice_open"][0]["account_move_line"]),
        "residual": max(clones["order_invoiced_open"][0]["account_move_line"]),
        "renumbered": clones["invoice_part_paid"][0]["account_move"][0],
        "move": clones["invoice_open"][-1]["account_move"][0],
        "order": clones["order_service_open"][0]["sale_order"][0],
        "other": generated.samples["customer"],
    }
    name = support.clone_database("bench_damaged", source=generated.database)
    try:
        for statement, _problem in DAMAGES:
            generated.server.execute(statement.format(**places), database=name)
        damaged = copy.copy(generated)
        damaged.database = name
        problems = damaged.verify()["problems"]
    finally:
        support.drop_database(name)
    for _statement, expected in DAMAGES:
        assert any(expected in problem for problem in problems), expected


# ------------------------------------------------------------------- THE JOBS


def test_bare_sql_and_suite_agree(generated):
    first, last = generated.facts["customers"]
    partners = [*range(first, last + 1), *(pin["id"] for pin in generated.facts["pins"].values())]
    user = generated.samples["users"]["officer"]
    with generated.worker() as worker:
        ours = worker("exposure.suite", partners=partners, user=user, compare=True)["result"]
        bare = worker("exposure.bare", partners=partners, user=user, compare=True)["result"]
        over = worker("exposure.search_suite", user=user, compare=True)["result"]
        expected = worker("exposure.search_bare", user=user, compare=True)["result"]
    _compare("all", partners, ours, bare)
    # Each component occurs, so that the comparison says something about it.
    assert all(any(amounts[place] for amounts in bare.values()) for place in range(4))
    assert over == expected != []


def test_collected_amounts_of_bare_sql_and_suite_agree(generated):
    user = generated.samples["users"]["officer"]
    with generated.worker() as worker:
        orders = worker("receipts.choose", count=10_000)["orders"]
        ours = worker("receipts.suite", orders=orders, user=user, compare=True)
        bare = worker("receipts.bare", orders=orders, user=user, compare=True)["result"]
        pages = [
            worker(f"receipts.{name}", user=user, compare=True)["result"]
            for name in ("list_suite", "list_bare")
        ]
        one = worker("receipts.page", orders=orders[:1], user=user)
        walked = worker("receipts.walk", orders=orders, user=user)
    receipts.compare("all", orders, ours["result"], bare)
    assert ours["queries"] == 1 and one["queries"] <= 6 < walked["queries"]
    assert pages[0] == pages[1] != []
    # Each kind of order occurs: nothing, a deposit, an advance on an invoice, all of it.
    totals = dict(generated.rows("SELECT id::text, amount_total::float FROM sale_order"))
    shares = {round(ours["result"][str(order)] / totals[str(order)], 2) for order in orders}
    assert shares == {0.0, 0.4, 1.0}
    keys = generated.rows("SELECT count(*) FROM o2c_receipt_allocation WHERE receipt_ref <> payment_id")
    assert keys == [(0,)]


def test_comparison_of_orders_stops_at_a_cent():
    receipts.compare("two", [1, 2], {"1": 1.0, "2": 0.0}, {"1": 1.0})
    with pytest.raises(SystemExit, match="order 2"):
        receipts.compare("two", [1, 2], {"1": 1.0, "2": 0.01}, {"1": 1.0})


def test_orders_confirm_with_every_control_enforcing(generated, plain):
    modes = generated.rows("SELECT DISTINCT mode FROM o2c_control_setting")
    assert modes == [("enforcing",)]
    with generated.worker() as worker:
        costs = [
            worker(
                "confirm.confirm",
                partner=generated.facts["pins"][role]["id"],
                user=generated.samples["users"]["salesperson"],
                products=generated.samples["stocked"],
            )
            for role in ("few", "most", "history", "few", "most", "history")
        ]
    ours = costs[-1]["queries"]
    assert {cost["queries"] for cost in costs[3:]} == {ours}, "queries depend on the customer's history"
    assert generated.rows("SELECT count(*) FROM sale_order WHERE state = 'draft'") == [(0,)]
    theirs = plain.queries("confirm.confirm", user="salesperson", products=plain.samples["stocked"])
    assert ours - theirs <= 6, f"{ours} statements, plain Odoo {theirs}"


@pytest.mark.parametrize("advances", [1, 3])
def test_posting_costs_few_statements_more_than_plain_odoo(generated, plain, advances):
    """Posting with every control enforcing, and matching the advances, against Odoo's own matching."""
    with generated.worker() as worker:
        for _turn in range(3):
            cost = worker(
                "post.post",
                partner=generated.facts["pins"]["few"]["id"],
                user=generated.samples["users"]["officer"],
                advances=advances,
            )
    theirs = plain.queries("post.post", user="officer", advances=advances)
    assert cost["queries"] - theirs <= 8, f"{cost['queries']} statements, plain Odoo {theirs}"


def test_comparison_stops_at_a_cent():
    _compare("two", [1, 2], {"1": [1.0, 0, 0, 0]}, {"1": [1.0, 0, 0, 0]})
    with pytest.raises(SystemExit, match="customer 2"):
        _compare("two", [1, 2], {"1": [1.0, 0, 0, 0]}, {"1": [1.0, 0, 0, 0], "2": [0.01, 0, 0, 0]})


# ------------------------------------------------------------------- FIGURES


def test_row_has_every_column_and_null_where_there_is_no_figure():
    row = make_row("work", 10, suite_cpu_ms=3.0, sql_cpu_ms=2.0, queries=4)
    assert {column: row[column] for column in COLUMNS} == {
        "name": "work",
        "invoices": 10,
        "suite_cpu_ms": 3.0,
        "odoo_cpu_ms": None,
        "peer_cpu_ms": None,
        "sql_cpu_ms": 2.0,
        "queries": 4,
        "memory_mb": None,
    }
    assert (row["to_sql"], row["to_odoo"], row["broken"]) == (1.5, None, [])


def test_broken_promise_is_told():
    limits = {"to_odoo": 1.1, "extra_queries": 6, "queries": 200}
    row = make_row(
        "work", 10, limits=limits, suite_cpu_ms=12.0, odoo_cpu_ms=10.0, queries=107, odoo_queries=100
    )
    assert row["broken"] == [
        "to_odoo is 1.2, promised is at most 1.1",
        "extra_queries is 7, promised is at most 6",
    ]
    assert "BROKEN: to_odoo is 1.2" in format_table([row])


def test_typical_cpu_is_the_middle_of_the_faster_half():
    costs = [{"cpu_ms": value} for value in (9.0, 1.0, 50.0, 2.0, 3.0)]
    assert typical_cpu(costs) == 2.0
    assert typical_cpu([{"cpu_ms": 1.0}, {"cpu_ms": None}]) is None
    assert typical_cpu([]) is None
    assert ratio(None, 1.0) is None and ratio(1.0, 0) is None


def test_works_are_measured_by_turns_and_slow_ones_once(monkeypatch):
    calls = []
    works = {name: lambda name=name: calls.append(name) or len(calls) for name in ("suite", "odoo")}
    costs = bench.interleave(works, 2)
    assert calls == ["odoo", "suite", "suite", "odoo"] * 2 + ["odoo", "suite"]
    assert costs == {"suite": [7, 10], "odoo": [8, 9]}
    calls.clear()
    # More than that between two looks at the clock: each of the works is too slow.
    monkeypatch.setattr(bench.time, "monotonic", iter(range(0, 1000, int(bench.SLOW) + 1)).__next__)
    assert bench.interleave(works, 2) == {"suite": [2], "odoo": [1]}


def test_too_small_ledger_is_refused():
    with pytest.raises(ValueError, match="too few"):
        LedgerSpec(invoices=100)


def test_pinned_customers_have_their_full_size_from_100000_invoices():
    assert [(pin.open, pin.paid) for pin in LedgerSpec(100_000).pins] == [
        (10, 0),
        (1_000, 0),
        (10_000, 0),
        (10, 10_000),
    ]
    assert [(pin.open, pin.paid) for pin in LedgerSpec(20_000).pins] == [
        (10, 0),
        (200, 0),
        (2_000, 0),
        (10, 2_000),
    ]
