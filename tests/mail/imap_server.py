"""A small IMAP server on this machine: as much of RFC 3501 and 6851 as reading a folder needs, plain or over TLS."""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

USER, PASSWORD = "desk@example.org", 'pass "word"'


@dataclass
class Stored:
    """A mail in a folder."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)


@dataclass
class ImapServer:
    """What the server holds, and how it behaves."""

    folders: dict[str, list[Stored]] = field(default_factory=lambda: {"INBOX": []})
    capabilities: str = "IMAP4rev1 MOVE"
    readonly: bool = False
    break_off_at: str = ""  # a command, without its tag, at which the connection is lost
    silent_at: str = ""  # one that is never answered
    refuse_login: str = "[AUTHENTICATIONFAILED] no"
    commands: list[str] = field(default_factory=list)
    port: int = 0

    def put(self, raw: bytes, *flags: str, folder: str = "INBOX") -> None:
        """A mail comes in."""
        uids = [stored.uid for mails in self.folders.values() for stored in mails]
        self.folders.setdefault(folder, []).append(Stored(max(uids, default=0) + 1, raw, set(flags)))

    def seen(self, folder: str = "INBOX") -> list[bool]:
        """Which mails of a folder are flagged as seen."""
        return [r"\Seen" in stored.flags for stored in self.folders[folder]]

    @property
    def url(self) -> str:
        """Its address as the setting takes it, unencrypted."""
        return f"imap://desk%40example.org:pass%20%22word%22@127.0.0.1:{self.port}/INBOX"


@contextmanager
def running(server: ImapServer, context: ssl.SSLContext | None = None) -> Iterator[ImapServer]:
    """The server, listening on a free port."""

    class Handler(_Connection):
        state = server
        tls = context

    class Listener(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Clients that go away are part of the tests."""

    with Listener(("127.0.0.1", 0), Handler) as listener:
        server.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()


class _Connection(socketserver.StreamRequestHandler):
    state: ImapServer
    tls: ssl.SSLContext | None
    timeout = 20

    def setup(self) -> None:
        if self.tls:
            self.request.settimeout(self.timeout)
            try:
                self.request = self.tls.wrap_socket(self.request, server_side=True)
            except OSError:
                self.request.close()
                raise
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()  # the one that speaks TLS

    def handle(self) -> None:
        self.open: str | None = None
        self.signed_in = False
        self.say("* OK ready")
        while line := self.rfile.readline():
            tag, _, command = line.decode().rstrip("\r\n").partition(" ")
            self.state.commands.append(command)
            if self.state.break_off_at and command.startswith(self.state.break_off_at):
                return
            if self.state.silent_at and command.startswith(self.state.silent_at):
                self.rfile.readline()
                return
            name, _, rest = command.partition(" ")
            if name.upper() == "UID":
                name, _, rest = rest.partition(" ")
            self.say(f"{tag} {getattr(self, f'on_{name.lower()}', self.unknown)(rest)} done")
            if name.upper() == "LOGOUT":
                return

    def say(self, text: str | bytes) -> None:
        self.wfile.write((text.encode() if isinstance(text, str) else text) + b"\r\n")
        self.wfile.flush()

    def unknown(self, _: str) -> str:
        return "BAD unknown"

    def on_capability(self, _: str) -> str:
        offered = self.state.capabilities if self.signed_in else "IMAP4rev1"
        self.say(f"* CAPABILITY {offered}")
        return "OK"

    def on_noop(self, _: str) -> str:
        return "OK"

    def on_logout(self, _: str) -> str:
        self.say("* BYE")
        return "OK"

    def on_login(self, rest: str) -> str:
        given = tuple(re.sub(r"\\(.)", r"\1", each) for each in re.findall(r'"((?:[^"\\]|\\.)*)"', rest))
        self.signed_in = given == (USER, PASSWORD)
        return "OK" if self.signed_in else f"NO {self.state.refuse_login}"

    def on_select(self, rest: str) -> str:
        name = rest.strip('"')
        if name not in self.state.folders:
            return "NO [NONEXISTENT] no such folder"
        self.open = name
        self.say(f"* {len(self.mails)} EXISTS")
        return "OK [READ-ONLY]" if self.state.readonly else "OK [READ-WRITE]"

    def on_examine(self, rest: str) -> str:
        return self.on_select(rest)

    @property
    def mails(self) -> list[Stored]:
        assert self.open
        return self.state.folders[self.open]

    def on_search(self, rest: str) -> str:
        wanted = [mail for mail in self.mails if "UNSEEN" not in rest or r"\Seen" not in mail.flags]
        self.say(" ".join(["* SEARCH", *(str(mail.uid) for mail in wanted)]))
        return "OK"

    def on_fetch(self, rest: str) -> str:
        uid, _, what = rest.partition(" ")
        for number, mail in enumerate(self.mails, start=1):
            if mail.uid != int(uid):
                continue
            if "BODY" not in what:
                self.say(f"* {number} FETCH (UID {uid} RFC822.SIZE {len(mail.raw)})")
                continue
            if "PEEK" not in what:
                mail.flags.add(r"\Seen")
            self.say(f"* {number} FETCH (UID {uid} BODY[] {{{len(mail.raw)}}}".encode() + b"\r\n" + mail.raw + b")")
        return "OK"

    def on_store(self, rest: str) -> str:
        uid, _, change = rest.partition(" ")
        for mail in self.mails:
            if mail.uid == int(uid):
                mail.flags |= set(re.findall(r"\\\w+", change))
        return "OK"

    def on_copy(self, rest: str) -> str:
        uid, _, folder = rest.partition(" ")
        if folder.strip('"') not in self.state.folders:
            return "NO [TRYCREATE]"
        for mail in [mail for mail in self.mails if mail.uid == int(uid)]:
            self.state.put(mail.raw, *mail.flags, folder=folder.strip('"'))
        return "OK"

    def on_move(self, rest: str) -> str:
        if "MOVE" not in self.state.capabilities:
            return "BAD unknown"
        answer = self.on_copy(rest)
        if answer == "OK":
            assert self.open
            self.state.folders[self.open] = [mail for mail in self.mails if mail.uid != int(rest.split(maxsplit=1)[0])]
        return answer

    def on_expunge(self, _: str) -> str:
        assert self.open
        self.state.folders[self.open] = [mail for mail in self.mails if r"\Deleted" not in mail.flags]
        return "OK"
