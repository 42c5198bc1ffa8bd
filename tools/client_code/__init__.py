"""The client's generated code, made from the extensions of the contract and from the hand-written code.

`x-client` of an operation says where its method is on the client, and which plan carries it out.
`x-client`, `x-outcomes` and `x-idle` of an enum make it a status of the client. `x-client` of an object and
of its properties makes it a view.
"""
