"""The code of notebook 04 as it is when its exercises are done: what its checkpoints recommend."""

from __future__ import annotations

MENU, TASK = "/incoming_call", "/enqueue_call"
"""The paths of the two routes that the lesson writes."""

TWIML = 'return Response(str(answer), media_type="application/xml")'
INCOMING_CALL = f"""\
def incoming_call():
    answer = VoiceResponse()
    gather = answer.gather(num_digits=1, action="/enqueue_call", timeout=5)
    gather.say("Para español, oprima el uno.", language="es")
    gather.say("For English, please press two.", language="en")
    {TWIML}"""
SECOND_CHANCE = INCOMING_CALL.replace(f"    {TWIML}", f'    answer.redirect("{MENU}")\n    {TWIML}')
ENQUEUE_CALL = f"""\
def enqueue_call(Digits: str = Form()):
    attributes = {{"selected_language": "es" if Digits == "1" else "en", "lesson": "04"}}
    answer = VoiceResponse()
    enqueue = answer.enqueue(workflow_sid=workflow.sid)
    enqueue.task(json.dumps(attributes))
    {TWIML}"""
SERVE = """\
app = FastAPI()
app.post("/incoming_call")(incoming_call)
app.post("/enqueue_call")(enqueue_call)
server = serve(app, port)"""
SERVE_MENU = SERVE.replace('app.post("/enqueue_call")(enqueue_call)\n', "")

MENU_APP = f"{INCOMING_CALL}\n\n\n{SERVE_MENU}"
TASK_APP = f"{ENQUEUE_CALL}\n\n\n{SERVE}"
WHOLE_APP = f"{INCOMING_CALL}\n\n\n{TASK_APP}"
SECOND_CHANCE_APP = f"{SECOND_CHANCE}\n\n\n{SERVE}"

SET_VOICE_URL = 'number = number.update(voice_url=f"{public_url}/incoming_call", voice_method="POST")'
EXPOSE_AGAIN = f"server = serve(app, port)\npublic_url = expose(server)\n{SET_VOICE_URL}"
DIAL = "caller_phone.dial()"
PRESS_1 = 'caller_phone.press("1")'
HANG_UP = "caller_phone.hang_up()"
