"""Release: from published platform packages to wheels that may be uploaded.

Read `platforms` first: one table says which wheels there are. `npm` fetches what OpenAI publishes,
`sources` and `packages` read it, `repository` tells what is ours; `staging` writes complete package
folders, `building` turns one into a wheel or an sdist, and `pipeline` does all of it for all
platforms. `checking` is the judge: it believes no file that was built, and compares what lies in
`dist/` with the sources once more.
"""
