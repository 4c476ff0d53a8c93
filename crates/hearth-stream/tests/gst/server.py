"""An RTSP server that owes nothing to our code: GStreamer's, with test pictures and sound.

Prints one JSON line with its port and then serves until standard input is closed. Exits with 77
when GStreamer or a plugin is missing. User `anna`, password `s3cret` where an account is wanted.
With a loudspeaker (ONVIF's back channel), what it decodes is written into a file: samples of 16 bits.
"""

import argparse
import json
import sys
import threading

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtsp", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtsp, GstRtspServer
except (ImportError, ValueError):
    sys.exit(77)

SIZE = "video/x-raw,format=I420,width=640,height=360,framerate=15/1"
PICTURE = f"videotestsrc is-live=true pattern=ball ! {SIZE} ! "
SOUND = "audiotestsrc is-live=true wave=ticks ! audioconvert ! audioresample ! "
VIDEO = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=2000"
    " ! rtph264pay pt=96 name=pay0 config-interval={config}",
    "h264-b": "x264enc speed-preset=ultrafast key-int-max=15 bframes=2 b-adapt=false"
    " ! video/x-h264,profile=main ! rtph264pay pt=96 name=pay0 config-interval={config}",
    "h264-slices": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15"
    " option-string=slices=4 ! rtph264pay pt=96 name=pay0 config-interval={config}"
    " aggregate-mode=zero-latency",
    "h265": "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15"
    " ! rtph265pay pt=96 name=pay0 config-interval={config}",
    "jpeg": "jpegenc ! rtpjpegpay pt=26 name=pay0",
}
AUDIO = {
    "none": "",
    "aac": "voaacenc ! rtpmp4gpay pt=97 name=pay1",
    "opus": "opusenc ! rtpopuspay pt=97 name=pay1",
    "pcmu": "audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay pt=0 name=pay1",
}


SPEAKER = {
    "none": None,
    "pcmu": (0, "PCMU", 8000, "rtppcmudepay ! mulawdec"),
    "pcma": (8, "PCMA", 8000, "rtppcmadepay ! alawdec"),
    "opus": (97, "OPUS", 48000, "rtpopusdepay ! opusdec"),
}


def with_speaker(name, heard):
    """A factory whose media have a way back that ends in a file."""
    number, encoding, rate, decode = SPEAKER[name]
    factory = GstRtspServer.RTSPOnvifMediaFactory()
    factory.set_media_gtype(GstRtspServer.RTSPOnvifMedia)
    caps = f"application/x-rtp,media=audio,payload={number},clock-rate={rate},encoding-name={encoding}"
    # The sink waits for no clock, so that it writes what comes as it comes.
    factory.set_backchannel_launch(
        f"( capsfilter caps=\"{caps}\" name=depay_backchannel ! {decode}"
        f" ! filesink location={heard} buffer-mode=unbuffered sync=false async=false )"
    )
    return factory


def protect(server, factory, methods):
    """Lets only the user with the password see and play the stream."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth.set_supported_methods(methods)
    auth.set_realm("gst")
    if methods == GstRtsp.RTSPAuthMethod.DIGEST:
        auth.add_digest("anna", "s3cret", token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic("anna", "s3cret"), token)
    server.set_auth(auth)
    factory.add_role_from_structure(
        Gst.Structure.from_string(
            "user, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
        )[0]
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--video", choices=VIDEO, default="h264")
    parser.add_argument("--audio", choices=AUDIO, default="none")
    parser.add_argument("--auth", choices=["none", "basic", "digest"], default="none")
    parser.add_argument("--speaker", choices=SPEAKER, default="none")
    parser.add_argument("--heard", default="/dev/null")
    parser.add_argument("--config-interval", type=int, default=-1)
    options = parser.parse_args()

    Gst.init(None)
    onvif = options.speaker != "none"
    launch = PICTURE + VIDEO[options.video].format(config=options.config_interval)
    if onvif:
        # Whoever only speaks sets up no pictures; without this, that would stop the whole pipeline.
        launch = launch.replace(" ! ", " ! tee allow-not-linked=true ! ", 1)
    if AUDIO[options.audio]:
        launch += " " + SOUND + AUDIO[options.audio]
    try:
        Gst.parse_launch(launch).set_state(Gst.State.NULL)
    except GLib.Error:
        sys.exit(77)

    server = GstRtspServer.RTSPOnvifServer() if onvif else GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = GstRtspServer.RTSPMediaFactory()
    if onvif:
        factory = with_speaker(options.speaker, options.heard)
    factory.set_launch(f"( {launch} )")
    # Each client has a loudspeaker of its own.
    factory.set_shared(not onvif)
    if options.auth != "none":
        methods = GstRtsp.RTSPAuthMethod.DIGEST
        if options.auth == "basic":
            methods = GstRtsp.RTSPAuthMethod.BASIC
        protect(server, factory, methods)
    server.get_mount_points().add_factory("/stream", factory)
    server.attach(None)
    print(json.dumps({"port": server.get_bound_port()}), flush=True)

    loop = GLib.MainLoop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    loop.run()


main()
