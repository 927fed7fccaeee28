"""Patients in Synthea's CSV layout.

In this room: which columns each version has (`columns`), the codes that occur (`codes`), one
patient's history (`history`), what happens in it (`care`) and the files (`writer`). Not here: a model of disease. The histories
are made for the cases that a warehouse must get right, not to be believed.
"""
