"""Pictures that people took: checked before they are decoded, re-encoded, without place or camera data.

A photo belongs to the person who sent it and to a shop. What holds it (a review, a report) points here; one that
nothing points to is deleted after a day. A refused file leaves nothing on disk.
"""
