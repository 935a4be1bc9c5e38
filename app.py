from o2o import create_app

app = create_app()
