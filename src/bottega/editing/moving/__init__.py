"""What is done with the motion in a film: frames in between, slow motion, a style that moves along."""
