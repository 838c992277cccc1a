"""Applications for 休学, 缓学, 免学 and 送教上门: from the guardian's wish to the decision."""
