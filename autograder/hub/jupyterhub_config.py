"""A JupyterHub for one class: nbgrader's exchange for students, Formgrader for instructors.

README.md beside this file says how to set it up.
"""

from pathlib import Path

INSTRUCTORS = {"instructor"}  # accounts that may grade
REPOSITORY = Path("/home/instructor/backprop-by-hand")  # only they may read it
PLACE = Path("/srv/byhand")  # environment/, settings/, exchange/: everyone may read these
STUDENTS = "students"  # group of the accounts that may log in beside them

c = get_config()  # noqa: F821  (traitlets hands it in)

# People log in with their accounts on this machine, and each server runs as its own account.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allowed_users = INSTRUCTORS
c.LocalAuthenticator.allowed_groups = {STUDENTS}
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # a web server in front of it adds TLS
c.Spawner.http_timeout = c.Spawner.start_timeout = 120  # seconds


def settle(spawner):
    """Give an instructor the repository and Formgrader, a student the packages alone."""
    if spawner.user.name in INSTRUCTORS:
        environment, settings = REPOSITORY / ".venv", REPOSITORY / "autograder"
        spawner.notebook_dir = str(REPOSITORY)
    else:
        environment, settings = PLACE / "environment", PLACE / "settings"
    spawner.cmd = [str(environment / "bin" / "python"), "-m", "jupyterhub.singleuser"]
    spawner.default_url = "/lab"
    spawner.environment = {
        # nbgrader calls alembic, and JupyterLab its kernel, from the same environment
        "PATH": f"{environment / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_CONFIG_PATH": str(settings),
        "AUTOGRADER_EXCHANGE": str(PLACE / "exchange"),
    }


c.Spawner.pre_spawn_hook = settle
