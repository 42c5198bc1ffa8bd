"""Operations as generators that yield what they need; `effects` lists what that may be.

`blocking_runner` has the loop that runs them, for drivers that block.

Nothing in this package imports a clock, an event loop, an HTTP library or a driver, so every operation can be
tested by stepping its generator by hand.
"""
