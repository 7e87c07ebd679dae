"""From a message to one transaction of a service.

| what happens | what becomes of the event | file |
|---|---|---|
| it is new | claimed, handled, committed; what waited for it is handled with it | `transaction.py` |
| its subject is not there yet | parked for that subject, handled when it comes | `transaction.py` |
| its handler fails | parked, tried again with growing pauses, then a dead letter | `retries.py` |
| it cannot be read, or a rule says no (`DomainError`) | a dead letter at once; replayed when somebody asks | `dead_letters.py` |
| storage is away | delivered again by the bus; nothing is taken and nothing is given up | `processor.py` |

So one bad event holds up no other. What happened is counted in `metrics.py`.
"""
