"""What the tests of this folder share."""

import pytest
from account import Account, running_account


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    """An emulated account with the library on its stage and nothing built."""
    with running_account(tmp_path_factory.mktemp("account")) as account:
        account.upload()
        yield account
