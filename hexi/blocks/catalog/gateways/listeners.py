"""What the manifest names: the gateways are imported only by their own process, aiohttp by nobody else."""


def consumer(address: str, port: int) -> None:
    """The process of `hexi listen consumer`."""
    from hexi.blocks.catalog.gateways.consumer import start

    start(address, port)


def provider(address: str, port: int) -> None:
    """The process of `hexi listen provider`."""
    from hexi.blocks.catalog.gateways.provider import start

    start(address, port)
