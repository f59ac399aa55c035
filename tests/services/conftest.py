"""An empty programme to import into."""

import pytest

from tests.services.held import Held


@pytest.fixture
def held() -> Held:
    return Held()
