"""An app that is mounted: it answers beside the learner's, without a signature, and knows itself who may have what."""

from __future__ import annotations

import http.client

import pytest
import requests
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from helpers import expose
from tests.waiting import patience


@pytest.fixture
def server(served, echo):
    server = served(echo)
    yield server
    server._middleware.mounted.clear()


async def hello(_request):
    return PlainTextResponse("hello")


def mount(server):
    server.mount("/pages", Starlette(routes=[Route("/pages/hello", hello)]))


def get(address):
    return requests.get(address, timeout=patience(10))


def test_it_answers_whatever_app_is_served_and_is_not_logged(server, served):
    mount(server)
    assert get(f"{server.url}/pages/hello").text == "hello"
    assert served(FastAPI()) is server
    assert get(f"{server.url}/pages/hello").text == "hello"
    assert get(f"{server.url}/pages/other").status_code == 404
    assert not server.log.entries()
    assert get(f"{server.url}/pageslike").status_code == 404
    assert [one.path for one in server.log.entries()] == ["/pageslike"]


def test_it_gets_no_bodies(server):
    mount(server)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=patience(10))
    connection.putrequest("POST", "/pages/hello")
    connection.putheader("Content-Length", "1000000")
    connection.endheaders()  # and not one byte of it
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Connection")) == (405, "close")
    connection.close()


def test_through_the_tunnel_it_needs_no_signature_and_all_else_does(live, server):
    mount(server)
    public = expose(server)
    assert get(f"{public}/pages/hello").text == "hello"
    assert get(f"{public}/create-task").status_code == 403
    assert get(f"{public}/pages").status_code == 403
