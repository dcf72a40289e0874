"""One module for each way of signing: functions of an image, a trust root, what they read and remember, and now."""
