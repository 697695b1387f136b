"""The learner's own web app on a thread of this kernel, where TaskRouter's webhooks reach it.

`serve(app)` starts it on loopback; running that cell again swaps the app under the running server. What came
in and what was answered is in `server.log`. A request from outside this machine must be signed by Twilio;
routes with `Depends(only_here)` answer this machine alone.
"""
