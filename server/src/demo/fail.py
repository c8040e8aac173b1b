def handler(event, context):
    """Fails every time, as code with a defect does."""
    print("about to fail")
    raise ValueError("this function always fails")
