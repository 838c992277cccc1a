"""What sends the messages of an opened store, beside its worker."""

from __future__ import annotations

from ckbx.store import Store
from notifications.dispatch import Dispatcher
from notifications.sending import make_dispatcher


def new_dispatcher(store: Store) -> Dispatcher:
    """Its ``run`` sends until told to stop, in threads of its own; only while leading.

    Raises ChannelsRefused, SecretExposed for a ``channels.toml`` that cannot be used.
    """
    return make_dispatcher(
        store.channels, store.postroom.queue, store.log, store.vault, store.clock
    )
