; ASA Desktop for Windows: for one user, without an administrator's rights.
; Made from asa_package/templates by `bootstrap.py package windows`; compile with makensis.
Unicode true
!include "MUI2.nsh"
!include "FileFunc.nsh"

!define NAME "ASA Desktop"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\ASADesktop"
!define CLASS "ASADesktop.Recording"
!define MODELS "ASADesktop.Models"

Name "${NAME} @VERSION@"
OutFile "@OUTFILE@"
InstallDir "$LOCALAPPDATA\Programs\ASA Desktop"
InstallDirRegKey HKCU "Software\ASA Desktop" "Folder"
RequestExecutionLevel user
SetCompressor /SOLID lzma
SetDateSave on
BrandingText " "

!define MUI_ICON "@ICON@"
!define MUI_UNICON "@ICON@"
!define MUI_FINISHPAGE_RUN "$INSTDIR\asa.exe"
!define MUI_UNCONFIRMPAGE_TEXT_TOP "Your recordings, scores and settings stay, in $LOCALAPPDATA\ASA Desktop. Delete that folder yourself if you do not want them any more."
!insertmacro MUI_PAGE_LICENSE "@LICENCE@"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_LANGUAGE "Spanish"
!insertmacro MUI_LANGUAGE "SimpChinese"

VIProductVersion "@NUMBERS@"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "FileDescription" "${NAME}, a singing coach"
VIAddVersionKey "FileVersion" "@VERSION@"
VIAddVersionKey "LegalCopyright" "Apache-2.0"

Section "ASA Desktop"
  ; What an older version left must not be mixed with the new one. Only what was installed is taken.
  RMDir /r "$INSTDIR\_internal"
  SetOutPath "$INSTDIR"
  File /r "@PAYLOAD@\*.*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\ASA Desktop.lnk" "$INSTDIR\asa.exe"
  WriteRegStr HKCU "Software\ASA Desktop" "Folder" "$INSTDIR"

  ; `asa` as a command in a new terminal, without touching PATH.
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\asa.exe" "" "$INSTDIR\asa.exe"

  ; Offered under "Open with" for recordings; nobody's player is displaced.
  WriteRegStr HKCU "Software\Classes\${CLASS}" "" "Recording for ASA Desktop"
  WriteRegStr HKCU "Software\Classes\${CLASS}\shell\open\command" "" '"$INSTDIR\asa.exe" "%1"'
@OPENWITH@
  WriteRegStr HKCU "Software\Classes\${MODELS}" "" "Models for ASA Desktop"
  WriteRegStr HKCU "Software\Classes\${MODELS}\shell\open\command" "" '"$INSTDIR\asa.exe" "%1"'
  WriteRegStr HKCU "Software\Classes\.asamodels" "" "${MODELS}"

  WriteRegStr HKCU "${KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "@VERSION@"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\asa.exe"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD HKCU "${KEY}" "EstimatedSize" "$0"
SectionEnd

Section "Uninstall"
  ; Recordings are in $LOCALAPPDATA\ASA Desktop, which nothing here touches.
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\asa.exe"
  Delete "$INSTDIR\LICENSE"
  Delete "$INSTDIR\THIRD_PARTY.txt"
  Delete "$INSTDIR\sbom.cdx.json"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\ASA Desktop.lnk"
  DeleteRegKey HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\asa.exe"
  DeleteRegKey HKCU "Software\Classes\${CLASS}"
  DeleteRegKey HKCU "Software\Classes\${MODELS}"
@CLOSEWITH@
  DeleteRegKey HKCU "Software\Classes\.asamodels"
  DeleteRegKey HKCU "Software\ASA Desktop"
  DeleteRegKey HKCU "${KEY}"
SectionEnd
