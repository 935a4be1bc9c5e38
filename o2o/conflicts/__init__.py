"""Conflicts: claims that lost, from what evidence, who bears it, and what follows.

Words: a *conflict* is one losing claim (or one that is held until somebody decides) with its cause; the one who
*bears* it is named by the written rule; a *strike* is hard evidence against a holder; *cover* is what the platform
pays the shop once per holder.
Promises: every conflict shows its evidence to both tills, the owner and the holder; every strike can be disputed;
no cause is guessed where the evidence does not say it.
"""
