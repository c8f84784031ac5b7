"""A web site of the painted picture: a studio page, overlays, and an API to steer it."""
