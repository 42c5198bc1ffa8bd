"""Operations as generators of effects, which `effects` lists.

`blocking_runner` has the loop that runs them, for drivers that block.

Nothing in this package imports a clock, an event loop, an HTTP library or a driver, so every operation can be
tested by stepping its generator by hand.
"""
