"""WeChat's side of the line, played for demonstration and tests.

A process of its own on a port of its own. It never leaves the machine: it binds to loopback and posts to a
loopback webhook only. It shares no code with the service and none with wechatpy, so that it checks both.
"""
