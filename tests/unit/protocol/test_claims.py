import pytest

from oss_faces.errors import ConfigurationError
from oss_faces.protocol.claims import Secret
from oss_faces.protocol.settings import SigningSettings


def test_a_secret_does_not_show_itself():
    """Neither repr, str nor formatting shows the text; asking for it does."""
    secret = Secret("very-secret")
    assert "very" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "very-secret"


def test_a_secret_compares_its_text():
    """A secret matches its own text only."""
    assert Secret("a").matches("a")
    assert not Secret("a").matches("b")
    assert not Secret("a").matches("")
    assert Secret("\udcff").matches("\udcff")


@pytest.mark.parametrize(
    "settings",
    [
        SigningSettings(regions=()),
        SigningSettings(regions=("cn-hangzhou", "oss-cn-hangzhou")),
        SigningSettings(skew_s=0),
    ],
)
def test_settings_that_cannot_work(settings):
    """A setting with which no request could be verified ends the start of the program."""
    with pytest.raises(ConfigurationError):
        settings.validate()


def test_settings_that_work():
    """The defaults and a list of regions are accepted."""
    SigningSettings().validate()
    SigningSettings(("cn-hangzhou", "eu-central-1"), skew_s=1, v1_lenient_process=True).validate()
