import base64
import csv
import io
import json
from datetime import date, datetime, timedelta

from odoo import Command, api, fields, models
from odoo.tools import file_open

from ..demo.people import PASSWORD, PEOPLE
from ..demo.scenario import (
    AUTHORITY,
    COMPANY,
    COSIGNATURES,
    CUSTOMERS,
    GRADES,
    ORDERS,
    POLICIES,
    POLICY,
    PRESET,
    PRODUCTS,
    PROJECT_AUTHORITY,
)

DONE = "o2c_suite.demo"
LEDGER = "o2c_exposure/tests/data/receivables_2012_2013.csv"
LEDGER_CUT_OFF = date(2012, 12, 31)
LEDGER_DATES = ("InvoiceDate", "DueDate", "SettledDate")


class Demo(models.AbstractModel):
    """The demo company: people, customers, and a few days of work.

    Everything is done through the suite's own methods as the person whose job it
    is, so what the demo shows is what the suite does. Called by the launcher;
    no method can be reached from outside.
    """

    _name = "o2c.demo"
    _description = "Demo company"

    # === WHAT THE LAUNCHER CALLS === #

    @api.model
    def _build(self, progress=None):
        """Build what is missing; a second call changes nothing.

        :param progress: called with the name of each step that was just done
        """
        steps = [
            ("people", self._build_people),
            ("authority", self._build_authority),
            ("policy", self._build_policy),
            ("products", self._build_products),
            ("customers", self._build_customers),
            ("ledger", self._build_ledger),
            # Last: invoices of the past came without an order, which the controls would stop.
            ("controls", self._build_controls),
            ("orders", self._build_orders),
            ("receipts", self._build_receipts),
            ("projects", self._build_projects),
            ("grading", self._build_grading),
            ("monitoring", self._build_monitoring),
            ("month_end", self._build_month_end),
            ("schedule", self._build_schedule),
            ("last_month", self._build_last_month),
        ]
        done = self._get_done()
        if "customers" in done and not all(self._get_customer(name) for name, *_ in CUSTOMERS):
            # A demo company of an earlier version: later steps need the customers that are new.
            done.remove("customers")
        for name, build in steps:
            if name not in done:
                build()
                done.append(name)
                self.env["ir.config_parameter"].sudo().set_param(DONE, ",".join(done))
                if progress:
                    progress(name)

    @api.model
    def _get_logins(self):
        """[(login, password, role)] of the people of the demo company."""
        return [(login, PASSWORD, role) for login, _name, role, _groups in PEOPLE]

    @api.model
    def _get_done(self):
        value = self.env["ir.config_parameter"].sudo().get_param(DONE)
        return value.split(",") if value else []

    # === STEPS === #

    def _build_people(self):
        self.env.company.name = COMPANY
        users = self.env["res.users"].with_context(no_reset_password=True)
        internal = self.env.ref("base.group_user")
        for login, name, role, groups in PEOPLE:
            records = internal.browse()
            for group in groups:
                records |= self.env.ref(group)
            person = users.create(
                {
                    "name": name,
                    "login": login,
                    "password": PASSWORD,
                    "email": f"{login}@harbour.example",
                    "function": role,
                    "company_id": self.env.company.id,
                    "company_ids": [Command.set(self.env.company.ids)],
                    "group_ids": [Command.set((internal | records).ids)],
                }
            )
            if "odoobot_state" in person._fields:
                # OdooBot would greet each of them in a window that covers a whole phone.
                person.odoobot_state = "disabled"

    def _build_authority(self):
        for kind, rows in (AUTHORITY | PROJECT_AUTHORITY).items():
            for group, amount in rows:
                self.env["o2c.authority"].create(
                    {
                        "company_id": self.env.company.id,
                        "kind": kind,
                        "group_id": self.env.ref(group).id,
                        "amount_to": amount or 0.0,
                        "is_unlimited": amount is None,
                    }
                )
        for kind, groups in COSIGNATURES.items():
            setting = self.env["o2c.authority.kind"]._get_setting(kind, self.env.company)
            setting.cosign_ids = [Command.create({"group_id": self.env.ref(group).id}) for group in groups]

    def _build_policy(self):
        """The policy administrator takes a scorecard from a preset, says what each grade grants, and puts
        the policies in force."""
        policies = self.env["o2c.credit.policy"].with_user(self._get_person("policy"))
        with file_open(PRESET) as source:
            [preset] = json.load(source)["sections"]["credit_policies"]
        for name, sequence, countries, own in POLICIES:
            data = {**preset, **POLICY, **own, "name": name, "sequence": sequence}
            policy = policies._import_policy(data, self.env.company)
            policy.write(
                {
                    "date_from": self._get_today(),
                    "country_ids": [Command.set(self._get_countries(countries).ids)],
                    "grade_line_ids": [
                        Command.clear(),
                        *(Command.create(self._prepare_grade(*line)) for line in GRADES),
                    ],
                }
            )
            policy.action_put_in_force()

    def _prepare_grade(self, grade, score, months, days, tolerance):
        return {
            "grade_id": self.env.ref(f"o2c_credit.grade_{grade}").id,
            "score_from": score,
            "limit_months": months,
            "period_days": days,
            "tolerance": tolerance,
            "is_cash_only": not days,
            "may_change_grade": True,
        }

    def _build_controls(self):
        settings = self.env["o2c.control.setting"].search([("company_id", "=", self.env.company.id)])
        settings.with_user(self._get_person("policy")).write({"mode": "enforcing"})

    def _build_products(self):
        location = self.env["stock.warehouse"].search([("company_id", "=", self.env.company.id)], limit=1)
        for name, price, cost, on_hand in PRODUCTS:
            product = self.env["product.product"].create(
                {
                    "name": name,
                    "type": "consu",
                    "is_storable": True,
                    "invoice_policy": "delivery",
                    "list_price": price,
                    "standard_price": cost,
                }
            )
            quant = self.env["stock.quant"].with_context(inventory_mode=True)
            quant.create(
                {
                    "product_id": product.id,
                    "location_id": location.lot_stock_id.id,
                    "inventory_quantity": on_hand,
                }
            ).action_apply_inventory()

    def _build_customers(self):
        for name, city, country, terms, invoices in CUSTOMERS:
            if self._get_customer(name):
                continue
            partner = self.env["res.partner"].create(
                {
                    "name": name,
                    "is_company": True,
                    "city": city,
                    "email": f"{name.split()[0].lower()}@customer.example",
                    "country_id": self._get_countries([country]).id,
                    "user_id": self._get_person("sales").id,
                }
            )
            for days, amount in invoices:
                self._build_invoice(partner, days, amount)
            if terms:
                self._build_terms(partner, *terms)

    def _build_invoice(self, partner, days, amount):
        """An invoice of so many days ago, due 30 days after its date."""
        issued = fields.Date.subtract(self._get_today(), days=days)
        invoice = (
            self.env["account.move"]
            .with_user(self._get_person("accountant"))
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": issued,
                    "invoice_date_due": fields.Date.add(issued, days=30),
                    "invoice_line_ids": [
                        Command.create({"name": "Equipment", "price_unit": amount, "tax_ids": []})
                    ],
                }
            )
        )
        invoice.action_post()

    def _build_terms(self, partner, grade, amount):
        """The officer applies for grade and limit; sales and finance approve."""
        application = (
            self.env["o2c.credit.application"]
            .with_user(self._get_person("officer"))
            .create(
                {
                    "partner_id": partner.id,
                    "grade_id": self.env.ref(f"o2c_credit.grade_{grade}").id,
                    "amount": amount,
                    "reason": self.env._("First grading."),
                }
            )
        )
        application.action_submit()
        self._approve(application)

    def _build_ledger(self):
        """Take over a real ledger, moved in time so that its cut-off was yesterday."""
        cut_off = self._get_today() - timedelta(days=1)
        ledger = (
            self.env["o2c.ledger.import"]
            .with_user(self._get_person("finance"))
            .create(
                {
                    "name": self.env._("Opening ledger"),
                    "file": base64.b64encode(self._get_ledger(cut_off - LEDGER_CUT_OFF)),
                    "file_name": "receivables.csv",
                    "cut_off_date": cut_off,
                    "create_missing": True,
                }
            )
        )
        ledger.action_read_file()
        ledger.doubts_confirmed = True
        ledger.action_check()
        ledger.action_start()
        while ledger.sudo()._run_batch():
            pass
        self._grade_ledger_customers(ledger)

    def _get_ledger(self, shift):
        """The sample file with its dates moved by ``shift``, as CSV."""
        with file_open(LEDGER) as source:
            rows = list(csv.DictReader(source))
        for row in rows:
            for name in LEDGER_DATES:
                day = datetime.strptime(row[name], "%m/%d/%Y").date()
                row[name] = (day + shift).isoformat()
        target = io.StringIO()
        writer = csv.DictWriter(target, rows[0])
        writer.writeheader()
        writer.writerows(rows)
        return target.getvalue().encode()

    def _grade_ledger_customers(self, ledger):
        """Some of the customers with the most open get a limit, one of them too small."""
        lines = self.env["o2c.ledger.import.line"]._read_group(
            [("import_id", "=", ledger.id), ("outcome", "=", "open")],
            ["partner_id"],
            ["amount_company:sum"],
            order="amount_company:sum desc",
            limit=4,
        )
        for (partner, __), limit in zip(lines, (400.0, 200.0, 300.0, 250.0), strict=True):
            self._build_terms(partner, "c", limit)

    def _build_orders(self):
        for key, customer, lines, deed in ORDERS:
            order = self._build_order(key, customer, lines)
            if deed in ("confirm", "ask"):
                order.action_confirm()
            if deed == "ask":
                self._build_release_request(order)

    def _build_order(self, key, customer, lines):
        products = {product.name: product for product in self.env["product.product"].search([])}
        return (
            self.env["sale.order"]
            .with_user(self._get_person("sales"))
            .create(
                {
                    "partner_id": self._get_customer(customer).id,
                    "client_order_ref": f"demo-{key}",
                    "order_line": [
                        Command.create({"product_id": products[name].id, "product_uom_qty": quantity})
                        for name, quantity in lines
                    ],
                }
            )
        )

    def _build_grading(self):
        """The officer scores everybody who ever bought; what each is granted stays as approved."""
        grading = (
            self.env["o2c.credit.grading"]
            .with_user(self._get_person("officer"))
            .create({"name": self.env._("Grading of all customers")})
        )
        grading.action_start()
        while grading.sudo()._run_batch():
            pass

    def _build_monitoring(self):
        """The daily look at all customers fills the watch list."""
        self.env["o2c.credit.monitor"]._run()

    def _build_month_end(self):
        """The policy administrator has the accounts made that the month-end run needs."""
        company = self.env.company.with_user(self._get_person("policy"))
        company.action_o2c_create_accrual_accounts()

    def _build_release_request(self, order):
        """The salesperson asks; the authority table knows whom."""
        until = fields.Date.add(self._get_today(), days=14)
        holds = self.env["o2c.hold"].search([("order_id", "=", order.id), ("state", "=", "open")])
        holds.with_user(self._get_person("sales"))._request_release(
            self.env._("Hotel season starts; the customer pays within two weeks."), until
        )

    # === HELPERS === #

    def _approve(self, document):
        """Sign the document's request as the people whom it asks for, one step each."""
        request = document.sudo().o2c_request_id
        while request.state == "pending":
            group = request.current_step_id.group_id
            signer = self._get_people().filtered(lambda user, g=group: g in user.all_group_ids)[:1]
            request.with_user(signer).action_approve(self.env._("Fine with me."))

    def _get_people(self):
        logins = [login for login, *_rest in PEOPLE]
        return self.env["res.users"].sudo().search([("login", "in", logins)])

    def _get_person(self, login):
        return self.env["res.users"].sudo().search([("login", "=", login)])

    def _get_customer(self, name):
        return self.env["res.partner"].search([("name", "=", name), ("is_company", "=", True)], limit=1)

    def _get_countries(self, codes):
        return self.env["res.country"].search([("code", "in", codes)])

    def _get_today(self):
        return self.env.company._o2c_today()
