"""Controls an ONVIF device with onvif-zeep; ends with an exception if anything is not understood."""
import sys

from onvif import ONVIFCamera, ONVIFError

port, username, password = int(sys.argv[1]), sys.argv[2], sys.argv[3]
camera = ONVIFCamera("127.0.0.1", port, username, password)

information = camera.devicemgmt.GetDeviceInformation()
assert information.Manufacturer == "Hearthwatch (simulated)", information
assert camera.devicemgmt.GetUsers()[0].UserLevel == "Administrator"
assert camera.devicemgmt.GetHostname().Name == "door"
assert camera.devicemgmt.GetNetworkInterfaces()[0].token == "lo"
assert len(camera.devicemgmt.GetServices({"IncludeCapability": False})) == 6

media = camera.create_media_service()
profiles = media.GetProfiles()
assert [profile.token for profile in profiles] == ["main", "sub"], profiles
assert profiles[0].VideoEncoderConfiguration.Resolution.Width == 1920
setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
uri = media.GetStreamUri({"StreamSetup": setup, "ProfileToken": "main"})
assert uri.Uri == "rtsp://127.0.0.1:8554/main", uri
assert media.GetSnapshotUri({"ProfileToken": "sub"}).Uri.endswith("/snapshot")
assert len(media.GetVideoEncoderConfigurations()) == 2
options = media.GetVideoEncoderConfigurationOptions({"ConfigurationToken": "enc-main"})
assert options.H264.FrameRateRange.Max == 30

ptz = camera.create_ptz_service()
assert ptz.GetNodes()[0].SupportedPTZSpaces.AbsolutePanTiltPositionSpace[0].XRange.Max == 1.0
ptz.AbsoluteMove({"ProfileToken": "main", "Position": {"PanTilt": {"x": 0.5, "y": -0.5}, "Zoom": {"x": 0.25}}})
preset = ptz.SetPreset({"ProfileToken": "main", "PresetName": "gate"})
ptz.ContinuousMove({"ProfileToken": "main", "Velocity": {"PanTilt": {"x": -1.0, "y": 0.0}}})
ptz.Stop({"ProfileToken": "main"})
assert ptz.GetPresets({"ProfileToken": "main"})[0].Name == "gate"
ptz.GotoPreset({"ProfileToken": "main", "PresetToken": preset})
status = ptz.GetStatus({"ProfileToken": "main"})
assert (status.Position.PanTilt.x, status.Position.Zoom.x) == (0.5, 0.25), status

imaging = camera.create_imaging_service()
assert imaging.GetOptions({"VideoSourceToken": "source"}).Brightness.Max == 100
imaging.SetImagingSettings({"VideoSourceToken": "source", "ImagingSettings": {"Brightness": 61}})
assert imaging.GetImagingSettings({"VideoSourceToken": "source"}).Brightness == 61

# onvif-zeep asks GetCapabilities for the address of the pull point service, which has none of its
# own before there is a subscription.
events = camera.create_events_service()
subscription = events.CreatePullPointSubscription({"InitialTerminationTime": "PT60S"})
address = subscription.SubscriptionReference.Address._value_1
camera.xaddrs["http://www.onvif.org/ver10/events/wsdl/PullPointSubscription"] = address
pull_point = camera.create_pullpoint_service()
names = []
for _ in range(2):
    pulled = pull_point.PullMessages({"Timeout": "PT5S", "MessageLimit": 10})
    for message in pulled.NotificationMessage:
        # zeep drops the text of a topic, which the schema calls mixed content.
        items = message.Message._value_1.iter("{http://www.onvif.org/ver10/schema}SimpleItem")
        names += [item.get("Name") for item in items]
assert "IsMotion" in names and "State" in names, names

try:
    ONVIFCamera("127.0.0.1", port, username, "wrong").devicemgmt.GetUsers()
    raise AssertionError("the wrong password was accepted")
except ONVIFError as error:
    assert "not Authorized" in str(error), error
print("understood")
