"""Systems against people: agreement on rated manifests, features and scores of whole folders."""
