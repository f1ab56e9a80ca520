from chalice import Blueprint

admin = Blueprint(__name__)


@admin.route("/admin")
def page():
    return {}
