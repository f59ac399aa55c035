"""TOML under the environment: each mistake is said with its line, or the variable it came by."""

from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from bot.channels import africastalking
from bot.config import ConfigError, load
from bot.toml import Table

SHIPPED = Path(__file__).parents[1] / "config.toml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def said(path: Path | None, environ: dict[str, str] | None = None) -> list[str]:
    """All that is wrong, without the folder."""
    with pytest.raises(ConfigError) as stopped:
        load(path, environ or {})
    lines = str(stopped.value).splitlines()
    assert len(lines) == len(stopped.value.problems)
    return [line.replace(f"{path}:", "") for line in lines]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("wide = 1", "1: wide: no such setting"),
        ("server = 1", "1: server: expected a section"),
        ("[[server]]\nport = 1", "1: server: expected a section"),
        ("channels = 1", "1: channels: expected a section"),
        ("[channels]\norange = 1", "2: channels.orange: expected a section"),
        ("[server]\n\n# here\nprot = 1", "4: server.prot: no such setting, port is meant?"),
        ('[server]\nport = "80"', "2: server.port: expected int, got str"),
        ("[server]\nport = true", "2: server.port: expected int, got bool"),
        ("server = { host = 1, port = 2 }", "1: server.host: expected str, got int"),
        ('[programme]\nlanguages = "fr"', "2: programme.languages: expected array, got str"),
        ("[programme]\nlanguages = [\n  'fr',\n  1,\n]", "2: programme.languages: expected str, got int"),
        (
            "[products.SRO]\nunit = {fr = 'b'}\n[products.SRO.names]\nfr = 1",
            "4: products.SRO.names.fr: expected str, got int",
        ),
        ("[server]\nport = 1\nport = 2", "3: cannot overwrite a value"),
        ("[server\nport = 1", "1: expected ']' at the end of a table declaration"),
        ("[server]\nhost = '''a\n\nb\n\n", "2: expected \"'''\""),
        (b"[server]\n# \xe9", "2: not UTF-8"),
    ],
)
def test_what_does_not_fit_stops_with_its_line(file: Path, text: str | bytes, line: str) -> None:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert said(file) == [line]


def test_everything_wrong_is_said_at_once_in_the_order_of_the_file(file: Path) -> None:
    file.write_text(
        "[sms]\ndaily_cap = -1\n[server]\nport = 'x'\nprot = 1\n[privacy]\nretention_months = 0.5\n"
    )
    assert [line.partition(":")[0] for line in said(file, {"KUNNAFONI_STORE__SHARDS": "0"})] == [
        "2", "4", "5", "7", "KUNNAFONI_STORE__SHARDS",
    ]  # fmt: skip


def test_a_line_is_right_below_values_of_several_lines(file: Path) -> None:
    name = '[programme]\nname = """\n[server]\nport = 1\n"""\n'
    text = name + 'languages = [ # two\n  "fr", # [x]\n\n  "bm",\n]\n[server]\nport = 0.5\n'
    file.write_bytes(text.replace("\n", "\r\n").encode())
    assert said(file) == ["12: server.port: expected int, got float"]


def test_a_byte_order_mark_is_no_mistake(file: Path) -> None:
    file.write_text("\ufeff[server]\nport = 1\n", "utf-8")
    assert load(file, {}).server.port == 1


def test_a_file_that_is_not_there_is_no_empty_one(file: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(file, {})


settings = st.dictionaries(
    st.text("abcé. -", min_size=1),
    st.one_of(st.integers(), st.booleans(), st.text(), st.lists(st.text(max_size=3), max_size=2)),
    min_size=1,
    max_size=5,
)


def _toml(value: object) -> str:
    if isinstance(value, str):
        return '"' + "".join(sign if sign.isalnum() else f"\\U{ord(sign):08X}" for sign in value) + '"'
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(_toml, value)) + "\n]"
    return str(value).lower()


@given(settings)
def test_every_unknown_setting_is_named_with_the_line_it_is_on(
    tmp_path_factory: pytest.TempPathFactory, told: dict[str, object]
) -> None:
    text, lines = "[server]\n", []
    for name, value in told.items():
        lines.append(f"{text.count(chr(10)) + 1}: server.{name}: no such setting")
        text += f"{_toml(name)} = {_toml(value)}\n"
    file = tmp_path_factory.mktemp("config") / "config.toml"
    file.write_text(text, "utf-8")
    assert sorted(said(file)) == sorted(lines)


# The environment


def test_the_environment_is_laid_over_the_file_by_type() -> None:
    settings = load(
        SHIPPED,
        {
            "KUNNAFONI_SERVER__PORT": "0",
            "KUNNAFONI_PROGRAMME__LANGUAGES": "bm,fr",
            "KUNNAFONI_SMS__COST_PER_SEGMENT": "7.5",
            "KUNNAFONI_USSD__BUDGETS__61001": "140",
            "KUNNAFONI_PRODUCTS__SRO__MONTHLY_USE": "40",
            "KUNNAFONI_PRODUCTS__SRO__NAMES__BM": "Kɛnɛyaji",
            "KUNNAFONI_STORE__URL": "rediss://:word@store:6379",
            "KUNNAFONI_PASSWORD": "of a user: no setting",
            "KUNNAFONIX__SERVER": "somebody else's",
            "PATH": "/bin",
        },
    )
    assert settings.server.port == 0
    assert settings.programme.languages == ("bm", "fr")
    assert settings.sms.cost_per_segment == 7.5
    assert settings.ussd.budgets == {"61001": 140}
    assert settings.products["SRO"].maximum == 80
    assert settings.products["SRO"].names == {"fr": "SRO", "bm": "Kɛnɛyaji"}
    assert settings.store.url == "rediss://:word@store:6379"


def test_a_channel_takes_its_settings_from_both() -> None:
    settings = load(
        SHIPPED,
        {
            "KUNNAFONI_CHANNELS__AFRICASTALKING__API_KEY": "atsk_1",
            "KUNNAFONI_CHANNELS__AFRICASTALKING__RATE": "2.5",
            "KUNNAFONI_CHANNELS__AFRICASTALKING__ADDRESSES": "10.0.0.0/8,192.0.2.1",
        },
    )
    table = settings.channels["africastalking"]
    assert table["username"] == "sandbox"
    told = table.read(africastalking.Settings)
    assert (told.api_key, told.rate, told.addresses) == ("atsk_1", 2.5, ("10.0.0.0/8", "192.0.2.1"))


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("KUNNAFONI_SERVER__PROT", "1", "no such setting, port is meant?"),
        ("KUNNAFONI_SERVR__PORT", "1", "no such setting, server is meant?"),
        ("KUNNAFONI_WIDE__OPEN__DOOR", "1", "no such setting"),
        ("KUNNAFONI_SERVER__PORT__HTTP", "1", "no such setting"),
        ("KUNNAFONI_SERVER____PORT", "1", "no such setting"),
        ("KUNNAFONI_SERVER__PORT", "eighty", "expected int, got str"),
        ("KUNNAFONI_SERVER__PORT", "", "expected int, got str"),
        ("KUNNAFONI_SERVER__PORT", "65536", "expected int <= 65535"),
        ("KUNNAFONI_PROGRAMME__LANGUAGES", "fr,Bambara", "expected a language code such as fr"),
        ("KUNNAFONI_CHANNELS__ORANGE", "on", "expected a section"),
    ],
)
def test_a_variable_that_does_not_fit_is_named(variable: str, value: str, message: str) -> None:
    assert said(SHIPPED, {variable: value}) == [f"{variable}: {message}"]


@pytest.mark.parametrize("name", ["api_key", "password", "smpp_password", "client_secret", "token"])
def test_a_secret_in_the_file_is_refused_and_its_variable_named(file: Path, name: str) -> None:
    file.write_text(f'[channels.orange]\nrate = 1\n{name} = "x"\n')
    variable = f"KUNNAFONI_CHANNELS__ORANGE__{name.upper()}"
    assert said(file) == [
        f"3: channels.orange.{name}: a secret is never kept in a file: set {variable} instead"
    ]
    file.write_text("[channels.orange]\nrate = 1\n")
    assert load(file, {variable: "x"}).channels["orange"] == {"rate": 1, name: "x"}


def test_a_password_inside_a_url_is_a_secret_too(file: Path) -> None:
    file.write_text('[store]\nurl = "redis://kunnafoni:word@store:6379"\n')
    assert said(file) == [
        "2: store.url: a password is never kept in a file: set KUNNAFONI_STORE__URL instead"
    ]


# A section that only its own module can type


class Orange(Struct, frozen=True):
    sender: Annotated[str, Meta(pattern="^tel:")]
    rate: float = 1.0

    def __post_init__(self) -> None:
        if self.rate > 5:
            raise ValueError("rate above what is allowed")


def _orange(file: Path, settings: str | None, environ: dict[str, str]) -> Table:
    file.write_text("" if settings is None else f"[channels.orange]\n{settings}\n")
    return load(file, environ).channels["orange"]


def test_a_table_is_read_by_its_own_module(file: Path) -> None:
    assert _orange(file, "sender = 'tel:+223'", {}).read(Orange) == Orange("tel:+223")


@pytest.mark.parametrize(
    ("settings", "environ", "line"),
    [
        ("sender = 'x'", {}, "config.toml:2: channels.orange.sender: expected str matching regex '^tel:'"),
        ("sender = 'tel:1'\nrate = '2'", {}, "config.toml:3: channels.orange.rate: expected float, got str"),
        (
            "rte = 2\nsender = 'tel:1'",
            {},
            "config.toml:2: channels.orange.rte: no such setting, rate is meant?",
        ),
        ("\nsender = 'tel:1'\nrate = 6", {}, "config.toml:1: channels.orange: rate above what is allowed"),
        ("rate = 1", {}, "config.toml:1: channels.orange: sender must be said"),
        (
            None,
            {"KUNNAFONI_CHANNELS__ORANGE__RATE": "fast"},
            "KUNNAFONI_CHANNELS__ORANGE__RATE: sender must be said",
        ),
    ],
)
def test_what_does_not_fit_a_module_has_its_line_too(
    file: Path, settings: str | None, environ: dict[str, str], line: str
) -> None:
    table = _orange(file, settings, environ)
    with pytest.raises(ConfigError) as stopped:
        table.read(Orange)
    assert line in str(stopped.value).replace(str(file), "config.toml").splitlines()
