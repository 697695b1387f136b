"""The sandbox's HTTP face: TaskRouter's REST API (rest-contract.md), and a control plane beside it.

`resources/` has one module for each resource: it declares the parameters and the type of what comes back, calls the
engine, renders the answer. `control/` does the same for what the real service does not have. `dispatcher.py` takes a
request to its operation, `errors.py` holds every refusal, `openapi.py` says what is declared.

Where the sources are silent or contradict each other, the sandbox does this (rest-contract.md §15):

- ETag: a plain number; of a list a weak checksum of the page. If-Match takes it plain, quoted or weak, and several.
- Deleting what is in use (an activity, a queue, a workflow, a channel, an available worker): 400 / 20001, with what to
  do first. The channel `default` cannot be deleted.
- AssignmentStatus pending, reserved and assigned cannot be written: 400 / 20001. Reason may be left out.
- Names of workers (in any spelling), activities, queues and workflows and unique names of channels are unique in a
  workspace; names of workspaces are not. Workspaces come with five channels, none of them optimized.
- Lists are in order of creation, events newest first. StartDate and EndDate win over Minutes.
- PageSize above 1,000 counts as 1,000. `Page=0` is fine, a higher one without PageToken is refused (40153). A page
  token whose item is gone since goes on with what followed it, as long as the sandbox runs.
- Worker statistics are answered above 100 workers, too.
- A new task is routed at once: where a worker is free, the answer to its creation says reserved already.
- Values of X-Rate-Limit: a hundred of a hundred, of the policy Account. The three lists that take an expression are
  really limited: three a second for each workspace, averaged over ten seconds, then 429. Time that is skipped counts.
- No credentials and wrong ones have the two known texts; `detail` says what to give.
- CORS headers are those of Twilio's document; of pages in a browser only those of this machine are let in. What comes
  under another name than this machine's or Twilio's, or because of another page: 403 / 20403 (`host_guard.py`).
- A Task with a RoutingTarget has no workflow_sid unless it was given. Attributes that match no filter, where there is
  no default filter, are refused where the mistake is made: 400 / 20001.
- A Template other than NONE and FIFO, or a RoutingTarget that is no SID of a worker, queue or workflow: 400 / 20001.
- An EventsFilter that names no event type there is, is kept as it is and matches nothing: Twilio's documents give no
  list to check against, and new types come without a new version. An alert (20001, a warning) says what was meant.
- Addresses to call must be absolute, with a host and a port that there can be: 400 / 20001.
- Attributes and configurations are kept as compact JSON; what could not be sent again is refused: NaN, a number beyond
  all floats, half a surrogate pair, more than 200 levels.
- Task attributes of events older than 30 days read REDACTED.
- A task for a worker that was never reserved for it is given up at its own Timeout, with `reservation.failed`: there is
  such a limit, and how long it is stands nowhere. Transfers are begun under `/_sandbox/` (`routing/transfers.py` has
  their sources and what is decided).
- Instructions over REST that place calls are checked, then declined: 400, with the code of a call that could not
  be made (40113, 40122, 40133, 40145).
"""
