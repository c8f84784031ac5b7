"""WHIP: hands a stream to a server by WebRTC, as OBS 30 and the large services know it (RFC 9725)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import aiohttp
import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

ANSWER_SECONDS = 10.0
"""For the server to answer."""


class PacketTrack(MediaStreamTrack):
    """Hands on packets that are encoded already.

    Args:
        kind: ``video`` or ``audio``.
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self._packets: asyncio.Queue[av.Packet[Any] | None] = asyncio.Queue()

    def put(self, packet: av.Packet[Any] | None) -> None:
        """Leave *packet*; None ends the track."""
        self._packets.put_nowait(packet)

    async def recv(self) -> av.Packet[Any]:
        """Return the next packet; called by aiortc."""
        packet = await self._packets.get()
        if packet is None:
            raise MediaStreamError
        return packet


def carry_by_whip(
    address: str, packets: Iterable[tuple[int, av.Packet[Any]]], on_ready: Callable[[], None]
) -> None:
    """Send *packets*, those of stream 0 as picture and of 1 as sound, to the server at *address*.

    Args:
        address: ``https://server/path``; a password in it (``https://:token@server/path``) is the token.
        packets: H.264 with its headers in each key frame, and Opus; may block.
        on_ready: called once when the server takes them.

    Raises:
        OSError: the server cannot be reached, refuses the stream, or was lost.
    """
    try:
        asyncio.run(send(address, packets, on_ready))
    except (TimeoutError, aiohttp.ClientError) as error:
        raise ConnectionError(describe(error)) from None


async def send(
    address: str, packets: Iterable[tuple[int, av.Packet[Any]]], on_ready: Callable[[], None]
) -> None:
    """Do what ``carry_by_whip`` says."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    tracks = [PacketTrack("video"), PacketTrack("audio")]
    picture = connection.addTransceiver(tracks[0], direction="sendonly")
    h264 = [c for c in RTCRtpSender.getCapabilities("video").codecs if c.mimeType == "video/H264"]
    picture.setCodecPreferences(h264)
    connection.addTransceiver(tracks[1], direction="sendonly")
    connected, over = asyncio.Event(), asyncio.Event()

    @connection.on("connectionstatechange")
    async def notice() -> None:
        if connection.connectionState == "connected":
            connected.set()
        elif connection.connectionState in ("failed", "closed", "disconnected"):
            over.set()

    place, headers = read_token(address)
    async with aiohttp.ClientSession(headers=headers) as session:
        resource = await offer(connection, session, place)
        try:
            await asyncio.wait_for(connected.wait(), ANSWER_SECONDS)
            on_ready()
            ended = hand_on(packets, tracks, asyncio.get_running_loop())
            await asyncio.wait(
                [asyncio.create_task(ended.wait()), asyncio.create_task(over.wait())],
                return_when=asyncio.FIRST_COMPLETED,
            )
            if over.is_set() and not ended.is_set():
                raise ConnectionResetError(0, "the server hung up")
        finally:
            if resource:
                async with session.delete(resource, timeout=aiohttp.ClientTimeout(ANSWER_SECONDS)):
                    pass
            await connection.close()


async def offer(connection: RTCPeerConnection, session: aiohttp.ClientSession, place: str) -> str | None:
    """Offer *connection* to the server; return the address at which it is taken back."""
    await connection.setLocalDescription(await connection.createOffer())
    asked = session.post(
        place,
        data=connection.localDescription.sdp,
        headers={"Content-Type": "application/sdp"},
        timeout=aiohttp.ClientTimeout(ANSWER_SECONDS),
    )
    async with asked as answer:
        answer.raise_for_status()
        told = await answer.text()
        resource = answer.headers.get("Location")
    await connection.setRemoteDescription(RTCSessionDescription(told, "answer"))
    return urljoin(place, resource) if resource else None


def hand_on(
    packets: Iterable[tuple[int, av.Packet[Any]]],
    tracks: list[PacketTrack],
    loop: asyncio.AbstractEventLoop,
) -> asyncio.Event:
    """Put *packets* into *tracks*, from a thread that may wait; return what is set at their end."""
    ended = asyncio.Event()

    def work() -> None:
        for stream, packet in packets:
            loop.call_soon_threadsafe(tracks[stream].put, packet)
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=work, daemon=True).start()
    return ended


def read_token(address: str) -> tuple[str, dict[str, str]]:
    """Return *address* without its password, and the headers that carry that as the token."""
    parts = urlsplit(address)
    token = unquote(parts.password or parts.username or "")
    place = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return place, {"Authorization": f"Bearer {token}"} if token else {}


def describe(error: Exception) -> str:
    """Return what is wrong, without the address."""
    if isinstance(error, aiohttp.ClientResponseError):
        if error.status in (401, 403):
            return "the server refuses the stream; is the token right?"
        return f"the server refuses the stream (HTTP {error.status}); is the path right?"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "no such host; is the name right?"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "connection refused; is the server running?"
    return "no answer in time; is the server running?"
