"""A private MariaDB as Debian ships it, every commit on the disk, with a table of people beside the databases."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from bench.processes import Launcher, free_port, listening, require

PACKAGES: Final = "mariadb-server"
PEOPLE: Final = 200  # load001 and so on
PASSWORD: Final = "load"  # noqa: S105  # of people who do not exist
_DATABASE_USER: Final = "bench"
_DATABASE_PASSWORD: Final = "bench"  # noqa: S105  # of a server on the loopback interface


class MariaDB:
    """The one database server that all servers under test share."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.port = free_port()

    def start(self, launcher: Launcher) -> None:
        """Start it, with empty tables where it has never run."""
        user = ["--user=mysql"] if os.geteuid() == 0 else []
        data, socket = self._directory / "data", self._directory / "socket"
        self._directory.mkdir(parents=True, exist_ok=True)
        if user:
            shutil.chown(self._directory, "mysql", "mysql")
        if not (data / "mysql").is_dir():
            install = [require("mariadb-install-db", PACKAGES), "--no-defaults", f"--datadir={data}", *user]
            install += ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]
            done = subprocess.run(install, capture_output=True, text=True, check=False, cwd="/")
            if done.returncode != 0:
                raise SystemExit(f"mariadb-install-db failed:\n{(done.stdout + done.stderr)[-2000:]}")
        command = [require("mariadbd", PACKAGES), "--no-defaults", f"--datadir={data}", f"--socket={socket}", *user]
        command += [f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-name-resolve", "--max-connections=500"]
        # The defaults, said aloud: an acknowledged write is on the disk.
        command += ["--innodb-flush-log-at-trx-commit=1", "--innodb-doublewrite=ON", "--innodb-buffer-pool-size=128M"]
        launcher.start("mariadb", command, ready=lambda: listening(self.port))
        self._run(
            f"CREATE USER IF NOT EXISTS '{_DATABASE_USER}'@'%' IDENTIFIED BY '{_DATABASE_PASSWORD}';"
            f"GRANT ALL ON *.* TO '{_DATABASE_USER}'@'%';"
        )

    def create(self, database: str) -> None:
        """Make an empty database, in the character set that SOGo's manual asks for."""
        self._run(f"CREATE DATABASE IF NOT EXISTS `{database}` CHARACTER SET utf8mb4;")

    def add_people(self, database: str) -> None:
        """Make SOGo's table of people in a database and fill it."""
        digest = hashlib.md5(PASSWORD.encode(), usedforsecurity=False).hexdigest()
        names = [f"load{number:03}" for number in range(1, PEOPLE + 1)]
        rows = ",".join(f"('{n}','{n}','{digest}','{n.title()}','{n}@example.com')" for n in names)
        self._run(
            f"USE `{database}`;"  # noqa: S608  # all of it is ours
            "CREATE TABLE IF NOT EXISTS people (c_uid VARCHAR(128) PRIMARY KEY, c_name VARCHAR(128) NOT NULL,"
            " c_password VARCHAR(128) NOT NULL, c_cn VARCHAR(128), mail VARCHAR(128) NOT NULL);"
            f"INSERT IGNORE INTO people VALUES {rows};"
        )

    def url(self, database: str) -> str:
        """Return the URL of a database."""
        return f"mysql://{_DATABASE_USER}:{_DATABASE_PASSWORD}@127.0.0.1:{self.port}/{database}"

    def _run(self, sql: str) -> None:
        client = [require("mariadb", "mariadb-client"), "--no-defaults", f"--socket={self._directory / 'socket'}"]
        done = subprocess.run([*client, "--user=root"], input=sql, text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"MariaDB refuses: {done.stderr}")
