"""The client's generated code, made from the extensions of the contract and from the hand-written code.

`x-client` of an operation gives the place of its method on the client, and the plan that runs it.
`x-client`, `x-outcomes` and `x-idle` of an enum make it a status of the client. `x-client` of an object and
of its properties makes it a view.
"""
