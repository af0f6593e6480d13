"""Makes the bundled demo songs: a medley of short songs of the PJS corpus, arranged and rendered.

From notes to sound: `score` reads a song, `plan` says which songs follow each other and how,
`harmony` finds chords under a melody, `timeline` lays everything on one clock, `arrange` writes
the parts, `synth` and `drums` play them, `mixing` and `voice` balance them, `folder` writes the
song's folder and `measure` proves the result.
"""
