"""Where people and tickets are kept, and who else knows people, as the settings name them."""

from assistant.database import Database
from assistant.errors import DataUnavailableError
from assistant.ports import IdentityProvider
from assistant.settings import Settings

COMES_BACK_TO = "/v1/helpdesk/oidc/callback"


def database(settings: Settings) -> Database:
    """The database of the settings, its tables up to date.

    Raises:
        InputError: its address cannot be understood.
        DataUnavailableError: it cannot be used, or the data folder cannot.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        where = f"{settings.data_dir} cannot be written ({error.strerror})"
        raise DataUnavailableError(f"{where}: set ASSISTANT_DATA_DIR to a folder you may write") from error
    return Database(settings.database)


def identity_provider(settings: Settings) -> IdentityProvider | None:
    """The identity provider of the settings; None where none is set. It is not asked yet."""
    if not settings.oidc_issuer:
        return None
    from assistant.identity import OpenIdProvider  # noqa: PLC0415 (nobody without a provider waits for its libraries)

    return OpenIdProvider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        settings.public_url + COMES_BACK_TO,
    )
