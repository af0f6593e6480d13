"""For PyInstaller: PortAudio where the wheel brings it (Windows, macOS).

On Linux it is the system's, as ALSA is below it: packages declare it.
"""

from PyInstaller.utils.hooks import collect_data_files, collect_dynamic_libs, is_module_satisfies

datas, binaries = [], []
if is_module_satisfies("sounddevice") and __import__("sys").platform != "linux":
    binaries = collect_dynamic_libs("_sounddevice_data")
    datas = collect_data_files("_sounddevice_data", includes=["**/README.md"])
