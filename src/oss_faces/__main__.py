from oss_faces.cli import main

main()
