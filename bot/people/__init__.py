"""The people of the workspace: members, what they may do, and their second proof.

Promises: ``members`` keeps what Slack and identity providers say; ``access`` decides roles by live look-ups;
``step_up`` proves an approver a second time. Imported by every subject above; knows no item of the inventory.
"""
