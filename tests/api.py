"""Small clients of Odoo's external interfaces, as an outsider would write them.

They know nothing of the suite and run without Odoo: what they are refused, anybody is refused.
"""

import re
import xmlrpc.client

import requests

TIMEOUT = 120


class ApiError(Exception):
    """The server refused or failed; ``kind`` is the name of Odoo's exception class."""

    def __init__(self, kind, message, status=None):
        super().__init__(f"{kind}: {message}")
        self.kind = kind.rpartition(".")[2]
        self.message = message
        self.status = status

    @property
    def is_refusal(self):
        """True if somebody decided to refuse; False if the server broke.

        A crash that happens to stop an attack is luck, not a control.
        """
        if self.status is not None:
            return 400 <= self.status < 500
        return self.kind in {
            "AccessDenied",
            "AccessError",
            "Forbidden",
            "MissingError",
            "NotFound",
            "RedirectWarning",
            "StepRefused",  # the suite's own kind of UserError
            "UserError",
            "ValidationError",
        }


class Json2:
    """``POST /json/2/<model>/<method>`` with a bearer key."""

    def __init__(self, url, database, key):
        self.url = url.rstrip("/")
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"bearer {key}"
        self.session.headers["X-Odoo-Database"] = database

    def call(self, model, method, ids=(), context=None, **arguments):
        """Call a public method; arguments go by name. Raises ApiError."""
        body = dict(arguments)
        if ids:
            body["ids"] = [ids] if isinstance(ids, int) else list(ids)
        if context:
            body["context"] = context
        answer = self.session.post(f"{self.url}/json/2/{model}/{method}", json=body, timeout=TIMEOUT)
        if answer.ok:
            return answer.json()
        try:
            error = answer.json()
        except ValueError:
            error = {"name": "HTTPError", "message": answer.text[:500]}
        raise ApiError(error.get("name", "HTTPError"), error.get("message", ""), answer.status_code)

    # The few methods that every test uses.

    def create(self, model, values, context=None):
        """Create one record and return its id."""
        return self.call(model, "create", context=context, vals_list=[values])[0]

    def write(self, model, ids, values, context=None):
        """Write the same values on records."""
        return self.call(model, "write", ids, context=context, vals=values)

    def read(self, model, record_id, fields):
        """Read one record as a dict."""
        return self.call(model, "read", record_id, fields=fields, load=None)[0]

    def unlink(self, model, ids):
        """Delete records."""
        return self.call(model, "unlink", ids)


class XmlRpc:
    """``/xmlrpc/2/object``; the password may be an API key."""

    FAULTS = {1: "ServerError", 2: "UserError", 3: "AccessDenied", 4: "AccessError"}

    def __init__(self, url, database, login, password):
        self.database = database
        self.password = password
        common = xmlrpc.client.ServerProxy(f"{url.rstrip('/')}/xmlrpc/2/common", allow_none=True)
        self.uid = common.authenticate(database, login, password, {})
        if not self.uid:
            raise ApiError("AccessDenied", f"{login} can't log in")
        self.proxy = xmlrpc.client.ServerProxy(f"{url.rstrip('/')}/xmlrpc/2/object", allow_none=True)

    def call(self, model, method, *arguments, **keywords):
        """Call a public method; ids are the first argument. Raises ApiError."""
        try:
            return self.proxy.execute_kw(
                self.database, self.uid, self.password, model, method, list(arguments), keywords
            )
        except xmlrpc.client.Fault as fault:
            if "cannot marshal None" in fault.faultString:
                return None  # the method ran and returned nothing
            kind = self.FAULTS.get(fault.faultCode, str(fault.faultCode))
            raise ApiError(kind, fault.faultString) from fault


class WebSession:
    """A browser's session without a browser: cookies, login form, JSON routes."""

    def __init__(self, url, login=None, password=None):
        self.url = url.rstrip("/")
        self.session = requests.Session()
        if login:
            self._log_in(login, password)

    def _log_in(self, login, password):
        form = {"login": login, "password": password, "csrf_token": self.csrf_token("/web/login")}
        answer = self.session.post(f"{self.url}/web/login", data=form, timeout=TIMEOUT)
        if answer.url.endswith("/web/login"):
            raise ApiError("AccessDenied", f"{login} can't log in")

    def csrf_token(self, path):
        """The token that a form of the page carries."""
        page = self.get(path).text
        match = re.search(r'csrf_token[^>]*value="([^"]+)"', page) or re.search(
            r'csrf_token: "([^"]+)"', page
        )
        if not match:
            raise ApiError("HTTPError", f"no csrf token on {path}")
        return match[1]

    def get(self, path):
        """Fetch a page."""
        return self.session.get(f"{self.url}{path}", timeout=TIMEOUT)

    def json(self, path, **params):
        """Call a JSON-RPC route of a controller. Raises ApiError."""
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        answer = self.session.post(f"{self.url}{path}", json=body, timeout=TIMEOUT)
        if not answer.ok:
            raise ApiError("HTTPError", answer.text[:500], answer.status_code)
        document = answer.json()
        if error := document.get("error"):
            data = error.get("data") or {}
            raise ApiError(data.get("name", "HTTPError"), data.get("message", str(error)))
        return document.get("result")

    def call(self, model, method, *arguments, **keywords):
        """Call a model's method as the web client does."""
        return self.json(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model,
            method=method,
            args=list(arguments),
            kwargs=keywords,
        )
