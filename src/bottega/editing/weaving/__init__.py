"""Operations on films without training: from the frames and the patches of one clip."""
