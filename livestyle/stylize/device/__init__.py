"""The smoother once more, in PyTorch: frames stay on the device that paints, from upload to download."""
