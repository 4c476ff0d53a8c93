"""Runs pytapo, a client that knows nothing of this project, against a simulated camera.

Arguments: port, password, generation. Exits with 0 if everything that was set was read back.
"""

import sys

from pytapo import Tapo

port, password, generation = int(sys.argv[1]), sys.argv[2], sys.argv[3]
transport = {"tpap": "tpap"}.get(generation, "pytapo")


def connect(word):
    return Tapo(
        "127.0.0.1", "admin", word, word,
        controlPort=port, isKLAP=False, transportMethod=transport, printWarnInformation=False,
    )


def same(name, found, wanted):
    if found != wanted:
        raise SystemExit(f"{generation}: {name} is {found!r}, not {wanted!r}")
    print(f"{generation}: {name} ok")


tapo = connect(password)
same("model", tapo.getBasicInfo()["device_info"]["basic_info"]["device_model"], "C210")

for enabled, word in ((True, "on"), (False, "off")):
    tapo.setPrivacyMode(enabled)
    same("privacy", tapo.getPrivacyMode()["enabled"], word)
    tapo.setLEDEnabled(enabled)
    same("light", tapo.getLED()["enabled"], word)
    tapo.setAutoTrackTarget(enabled)
    same("tracking", tapo.getAutoTrackTarget()["enabled"], word)
    tapo.setTamperDetection(enabled)
    same("tamper", tapo.getTamperDetection()["enabled"], word)
    tapo.setBabyCryDetection(enabled)
    same("baby cry", tapo.getBabyCryDetection()["enabled"], word)

tapo.setMotionDetection(True, "high")
motion = tapo.getMotionDetection()
same("motion", (motion["enabled"], motion["digital_sensitivity"]), ("on", "80"))
for name in ("Person", "Vehicle", "Pet", "Bark", "Meow"):
    getattr(tapo, f"set{name}Detection")(True, 60)
    found = getattr(tapo, f"get{name}Detection")()
    same(name.lower(), found["enabled"], "on")

tapo.setDayNightMode("on")
same("night", tapo.getDayNightMode(), "on")
tapo.setLightFrequencyMode("60")
same("flicker", tapo.getLightFrequencyMode(), "60")
tapo.setLensDistortionCorrection(True)
same("lens", tapo.getLensDistortionCorrection(), True)
tapo.setImageFlipVertical(True)
same("flip", tapo.getImageFlipVertical(), True)
tapo.setSpeakerVolume(33)
same("volume", int(tapo.getAudioConfig()["audio_config"]["speaker"]["volume"]), 33)

tapo.moveMotor(10, -10)
tapo.moveMotorStep(90)
tapo.calibrateMotor()
tapo.savePreset("Gate")
presets = {name: number for number, name in tapo.getPresets().items()}
tapo.setPreset(presets["Gate"])
tapo.deletePreset(presets["Gate"])
same("presets", "Gate" in tapo.getPresets().values(), False)

same("card", tapo.getSDCard()[0]["hd_info_1"]["status"], "normal")
same("time", "system" in tapo.getTime(), True)
same("days", len(tapo.getRecordingsList("20261101", "20261130")), 2)
same("recordings", len(tapo.getRecordings("20261122")), 2)
if generation != "tpap":
    tapo.startManualAlarm()
    tapo.stopManualAlarm()
    tapo.setAlarm(True, True, False)
    same("alarm", tapo.getAlarm()["alarm_mode"], ["sound"])
tapo.setNotificationsEnabled(False)
same("notifications", tapo.getNotificationsEnabled()["notification_enabled"], "off")
same("firmware", tapo.getFirmwareUpdateStatus()["cloud_config"]["upgrade_status"]["state"], "normal")
tapo.reboot()

try:
    connect("wrong")
except Exception as error:  # noqa: BLE001 (whatever it calls it)
    same("wrong password", "auth" in str(error).lower(), True)
else:
    raise SystemExit(f"{generation}: a wrong password was accepted")
